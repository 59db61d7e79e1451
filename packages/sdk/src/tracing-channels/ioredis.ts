import type { ChannelLibrary } from './libraries'
import { redisChannels } from './redis-channels'

/**
 * ioredis publishes a command when it is written. One that waits for the connection is written from there, so its span has the
 * context in which the connection was made.
 */
export const ioredis: ChannelLibrary = {
  name: 'ioredis',
  instrumentation: '@opentelemetry/instrumentation-ioredis',
  channels: redisChannels('ioredis', 'arguments'),
}
