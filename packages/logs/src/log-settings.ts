import { type LogSink, shared } from '@hashira/core'
import type { LogLimits } from './line-attributes'
import { type LogKeys, type LogKeysPreset, resolveLogKeys } from './log-keys'

export interface LogSettings {
  /** The object changes whenever the setting does, so its identity may key a cache. */
  keys: LogKeys
  /** Get every line of a correlated logger as a record. */
  sinks: readonly LogSink[]
  limits: LogLimits
  /** A line is being handed to the sinks. */
  isRecording: boolean
}

export const logSettings = shared<LogSettings>('logs', () => ({
  keys: resolveLogKeys('opentelemetry'),
  sinks: [],
  limits: { attributeCountLimit: 128, attributeValueLengthLimit: 8_192 },
  isRecording: false,
}))

export interface LogOptions {
  /** How the fields are called (`HASHIRA_LOG_KEYS`): a preset, or names of one's own. Default `opentelemetry`. */
  readonly keys?: LogKeysPreset | Partial<LogKeys> | undefined
  /** Get every line of a correlated logger as a record, beside its own destination. Default: none. */
  readonly sinks?: readonly LogSink[] | undefined
  /** Of the records that sinks get; lines stay whole. */
  readonly limits?: LogLimits | undefined
}

/**
 * Set by `start()`; holds for every correlated logger from its next line on.
 * @throws HashiraError `HASHIRA_OPTION_INVALID`
 */
export function configureLogs(options: LogOptions): void {
  if (options.keys !== undefined) logSettings.keys = resolveLogKeys(options.keys)
  if (options.sinks !== undefined) logSettings.sinks = options.sinks
  if (options.limits !== undefined) logSettings.limits = options.limits
}
