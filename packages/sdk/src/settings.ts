import {
  booleanOption,
  codeOption,
  type Exporter,
  functionOption,
  integerOption,
  listOption,
  type OptionSpec,
  type OptionValues,
  type SpanRecord,
  textOption,
} from '@hashira/core'
import { trustOption } from '@hashira/http'
import { LOG_KEYS_PRESETS, type LogOptions } from '@hashira/logs'
import { SAMPLER_NAMES, type Sampler } from '@hashira/tracing'
import { DETECTOR_NAMES } from './detectors/detect-resource'
import { instrumentationsOption, spanExportersOption, spanProcessorsOption } from './plug-in-options'
import { resourceAttributesOption } from './resource-attributes'
import { tracingChannelsOption } from './tracing-channels/subscribe'
import { viewsOption } from './views-option'

/** Names for what is installed in node_modules, objects for bundled apps. */
export type ExporterChoice = readonly (
  | 'prometheus'
  | 'otlp'
  | 'jaeger'
  | 'console'
  | 'none'
  | (string & {})
  | Exporter
)[]

const LIMIT = 'OTEL_SPAN_'
const SAMPLER_NAME = /^[a-z][a-z0-9_-]*$/i

/** For messages. */
export const ALLOWED_SAMPLERS = `a sampler, or one of ${SAMPLER_NAMES.join(', ')}, or the name of an exporter that brings one (jaeger_remote)`

/** Every option of `start()`: its name in code, its environment variables, its default and what is allowed. */
export const settingsTable = {
  serviceName: textOption('OTEL_SERVICE_NAME', undefined),
  serviceVersion: textOption([], undefined),
  environment: textOption([], undefined),
  resourceAttributes: resourceAttributesOption('OTEL_RESOURCE_ATTRIBUTES'),
  resourceDetectors: resourceDetectorsOption('OTEL_NODE_RESOURCE_DETECTORS'),

  exporters: exportersOption('HASHIRA_EXPORTERS'),
  tracesExporters: exportersOption('OTEL_TRACES_EXPORTER'),
  metricsExporters: exportersOption('OTEL_METRICS_EXPORTER'),
  logsExporters: exportersOption('OTEL_LOGS_EXPORTER'),

  sampler: samplerOption('OTEL_TRACES_SAMPLER'),
  samplerArg: samplerArgOption('OTEL_TRACES_SAMPLER_ARG'),
  tail: booleanOption('HASHIRA_TAIL', false),
  tailSlowerThanMs: integerOption('HASHIRA_TAIL_SLOWER_THAN', 1_000, 0),
  tailMaxBytes: integerOption('HASHIRA_TAIL_MAX_BYTES', 16 * 1024 * 1024, 0),
  onSpanEnd: functionOption<(span: SpanRecord) => false | undefined>(),
  spanProcessors: spanProcessorsOption(),
  spanExporters: spanExportersOption(),
  instrumentations: instrumentationsOption(),
  instrumentationNames: listOption('HASHIRA_INSTRUMENTATIONS', []),
  tracingChannels: tracingChannelsOption('HASHIRA_TRACING_CHANNELS'),

  spanAttributeCountLimit: integerOption(
    [`${LIMIT}ATTRIBUTE_COUNT_LIMIT`, 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
    128,
    0,
  ),
  spanAttributeValueLengthLimit: integerOption(
    [`${LIMIT}ATTRIBUTE_VALUE_LENGTH_LIMIT`, 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
    8_192,
    0,
  ),
  spanEventCountLimit: integerOption(`${LIMIT}EVENT_COUNT_LIMIT`, 128, 0),
  spanLinkCountLimit: integerOption(`${LIMIT}LINK_COUNT_LIMIT`, 128, 0),
  eventAttributeCountLimit: integerOption(
    ['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
    128,
    0,
  ),
  linkAttributeCountLimit: integerOption(
    ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
    128,
    0,
  ),

  views: viewsOption(),
  logAttributeCountLimit: integerOption(
    ['OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
    128,
    0,
  ),
  logAttributeValueLengthLimit: integerOption(
    ['OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
    8_192,
    0,
  ),

  propagators: propagatorsOption('OTEL_PROPAGATORS'),
  trust: trustOption('HASHIRA_TRUST_INCOMING'),
  propagateTo: listOption('HASHIRA_PROPAGATE_TO', undefined),
  propagateBaggageTo: listOption('HASHIRA_PROPAGATE_BAGGAGE_TO', []),
  ignoreOutgoing: codeOption<readonly IgnoreEntry[], readonly IgnoreEntry[]>(
    [],
    'a list of URLs, RegExps and functions',
    acceptIgnore,
  ),
  redactQuery: listOption('HASHIRA_REDACT_QUERY', []),
  knownMethods: listOption('OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS', undefined),
  logKeys: logKeysOption('HASHIRA_LOG_KEYS'),

  spoolDir: textOption('HASHIRA_SPOOL_DIR', undefined),
  spoolMaxBytes: integerOption('HASHIRA_SPOOL_MAX_BYTES', undefined, 65_536),

  disabled: booleanOption('OTEL_SDK_DISABLED', false),
  quiet: booleanOption('HASHIRA_QUIET', false),
  handleSignals: booleanOption('HASHIRA_HANDLE_SIGNALS', true),
  shutdownTimeoutMs: integerOption('HASHIRA_SHUTDOWN_TIMEOUT', 5_000, 0, 600_000),
  exitTimeoutMs: integerOption('HASHIRA_EXIT_TIMEOUT', 500, 0, 60_000),
} as const

export type IgnoreEntry = string | RegExp | ((url: string) => boolean)
export type Settings = OptionValues<typeof settingsTable>

function exportersOption(variable: string): OptionSpec<ExporterChoice | undefined> {
  return {
    env: [variable],
    default: undefined,
    allowed: 'a list of exporter names and exporters, "none" for none',
    accept: (value) => (Array.isArray(value) && value.every(isChoice) ? value : undefined),
    parse: (text) => {
      const names = text.split(',').map((name) => name.trim().toLowerCase())
      const given = names.filter((name) => name !== '')
      return given.length === 0 ? undefined : given
    },
  }
}

function isChoice(value: unknown): boolean {
  if (typeof value === 'string') return value !== ''
  return typeof value === 'object' && value !== null && typeof (value as { name?: unknown }).name === 'string'
}

function resourceDetectorsOption(variable: string): OptionSpec<readonly string[]> {
  const option = listOption(variable, ['all'])
  const known = (names: readonly string[] | undefined) =>
    names?.every((name) => DETECTOR_NAMES.includes(name)) === true ? names : undefined
  return {
    ...option,
    allowed: `a list of ${DETECTOR_NAMES.join(', ')}`,
    accept: (value) => known(option.accept(value)),
    parse: (text) => known(option.parse(text.toLowerCase())),
  }
}

function propagatorsOption(variable: string): OptionSpec<readonly string[]> {
  const option = listOption(variable, ['tracecontext', 'baggage'])
  return { ...option, parse: (text) => option.parse(text.toLowerCase()) }
}

/** A sampler object, or a name of `OTEL_TRACES_SAMPLER`; `chooseSampler` turns the name into one. */
function samplerOption(variable: string): OptionSpec<string | Sampler | undefined> {
  const name = (text: string) => (SAMPLER_NAME.test(text) ? text : undefined)
  return {
    env: [variable],
    default: undefined,
    allowed: ALLOWED_SAMPLERS,
    accept: (value) => {
      if (typeof value === 'string') return name(value)
      return typeof (value as Sampler | null)?.shouldSample === 'function' ? (value as Sampler) : undefined
    },
    parse: (text) => name(text.toLowerCase()),
  }
}

/** A ratio, or whatever else the chosen sampler takes. */
function samplerArgOption(variable: string): OptionSpec<string | number | undefined> {
  return {
    ...textOption(variable, undefined),
    allowed: 'what the sampler takes: a ratio from 0 to 1 or a text',
    accept: (value) =>
      (typeof value === 'string' && value !== '') || Number.isFinite(value)
        ? (value as string | number)
        : undefined,
  }
}

/** What an object may hold is checked by `configureLogs`, which names the field. */
function logKeysOption(variable: string): OptionSpec<LogOptions['keys']> {
  const preset = (value: unknown) => LOG_KEYS_PRESETS.find((name) => name === value)
  return {
    env: [variable],
    default: undefined,
    allowed: `one of ${LOG_KEYS_PRESETS.join(', ')}, or an object of field names`,
    accept: (value) =>
      typeof value === 'object' && value !== null ? (value as LogOptions['keys']) : preset(value),
    parse: (text) => preset(text.toLowerCase()),
  }
}

function acceptIgnore(value: unknown): readonly IgnoreEntry[] | undefined {
  const allowed = (entry: unknown) =>
    typeof entry === 'string' || typeof entry === 'function' || entry instanceof RegExp
  return Array.isArray(value) && value.every(allowed) ? (value as readonly IgnoreEntry[]) : undefined
}
