import type { ChannelLibrary } from './libraries'
import { redisChannels } from './redis-channels'

/** From 5.11 on. */
export const ioredis: ChannelLibrary = {
  name: 'ioredis',
  instrumentation: '@opentelemetry/instrumentation-ioredis',
  channels: redisChannels('ioredis', 'arguments'),
}
