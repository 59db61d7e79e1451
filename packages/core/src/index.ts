export { AttributeList, type AttributeValue, type FlatAttributes } from './attribute-list'
export { bindContext } from './bind-context'
export { wallTimeMs } from './clock'
export {
  activeContext,
  baggageOf,
  callInContext,
  enterContext,
  HashiraContext,
  isTracingSuppressed,
  operationOf,
  rootContext,
  runInContext,
  spanOf,
  suppressTracing,
  withBaggage,
  withOperation,
  withSpan,
} from './context'
export { bindEmitter, contextManager } from './context-manager'
export {
  countFault,
  type DiagnosticLevel,
  type DiagnosticSink,
  faultCounts,
  say,
  setDiagnosticSink,
  warnOnce,
} from './diagnostics'
export { ERROR_TEXTS, type ErrorCode, HashiraError, isHashiraError } from './errors'
export type {
  Batch,
  BatchLimits,
  Exporter,
  HttpRequest,
  PullHost,
  PullMetrics,
  PushMetrics,
  PushTraces,
  SendResult,
  Signal,
  SpanEncoder,
  SpanSink,
  Transport,
} from './exporter'
export { ignoreRejection } from './ignore-rejection'
export type {
  CollectFailure,
  Exemplar,
  HistogramFamily,
  HistogramPoint,
  MetricFamily,
  MetricNaming,
  MetricSnapshot,
  NumberFamily,
  NumberPoint,
  SummaryFamily,
  SummaryPoint,
} from './metric-snapshot'
export { addMetricSource, type Collected, collectMetrics, type MetricSource } from './metric-sources'
export { openOperations } from './open-operations'
export type { Operation } from './operation'
export {
  booleanOption,
  choiceOption,
  codeOption,
  functionOption,
  headersOption,
  integerOption,
  listOption,
  numberOption,
  secretOption,
  textOption,
  urlOption,
} from './option-kinds'
export {
  describe,
  type Environment,
  type OptionOrigin,
  type OptionSpec,
  type OptionTable,
  type OptionValues,
  type ResolvedOptions,
  resolveOptions,
} from './options'
export { isOwnServer, markOwnServer } from './own-server'
export { prometheusLabel, prometheusName, prometheusUnit } from './prometheus-names'
export { formatBaggage, parseBaggage } from './propagation/baggage-header'
export { BaggageList } from './propagation/baggage-list'
export { CompositePropagator } from './propagation/composite-propagator'
export { type ContextCarrier, contextCarrier, runWithCarrier } from './propagation/context-carrier'
export {
  currentPropagator,
  extractContext,
  injectHeaders,
  type ReceivedHeaders,
  type SetHeader,
  setPropagator,
} from './propagation/http-headers'
export {
  type CreatedPropagator,
  createPropagator,
  DEFAULT_PROPAGATORS,
  PROPAGATOR_NAMES,
} from './propagation/propagators'
export { formatTraceState, parseTraceState, W3cTraceState } from './propagation/trace-state'
export { formatTraceParent, parseTraceParent } from './propagation/traceparent'
export { W3cBaggagePropagator } from './propagation/w3c-baggage-propagator'
export { W3cTraceContextPropagator } from './propagation/w3c-trace-context-propagator'
export { recordError } from './record-error'
export {
  currentResource,
  type Resource,
  type ServiceIdentity,
  serviceIdentity,
  setResource,
} from './resource'
export { shared } from './shared'
export type { InstrumentationScope, SpanEvent, SpanLink, SpanRecord } from './span-record'
