import type { ChannelLibrary } from './libraries'
import { redisChannels } from './redis-channels'

export const nodeRedis: ChannelLibrary = {
  name: 'node-redis',
  instrumentation: '@opentelemetry/instrumentation-redis',
  channels: redisChannels('node-redis', 'command'),
}
