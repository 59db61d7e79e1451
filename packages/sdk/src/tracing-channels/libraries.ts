import type { TracedChannel } from './traced-channel'

/** A published library that traces its calls by Node's tracing channels. */
export interface ChannelLibrary {
  /** As in `HASHIRA_TRACING_CHANNELS`. */
  readonly name: string
  /** OpenTelemetry's instrumentation of it: where that is enabled, its channels are left alone. */
  readonly instrumentation: string
  readonly channels: readonly TracedChannel[]
}
