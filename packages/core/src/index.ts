export { annotate, type Fields } from './annotations/annotate'
export { fieldsOf, forgetFields, passFieldsOn } from './annotations/field-holder'
export type { FieldText, RequestFields } from './annotations/request-fields'
export { type ApiGlobals, type ApiWatcher, apiGlobals, watchApi } from './api-globals'
export { AttributeList, type AttributeValue, type FlatAttributes } from './attribute-list'
export { type BatchLimitOptions, batchLimitOptions, batchLimitsOf } from './batch-limit-options'
export { bindContext } from './bind-context'
export { wallTimeMs } from './clock'
export {
  activeContext,
  applyInContext,
  baggageOf,
  callInContext,
  contextStorage,
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
  withoutBaggage,
  withSpan,
} from './context'
export { bindEmitter, contextManager } from './context-manager'
export {
  countFault,
  type DiagnosticLevel,
  type DiagnosticSink,
  faultCounts,
  isSaying,
  say,
  setDiagnosticSink,
  warnOnce,
} from './diagnostics'
export { ERROR_TEXTS, type ErrorCode, HashiraError, isHashiraError } from './errors'
export { type ExplicitMetricFamily, explicitHistogram, withExplicitBuckets } from './explicit-histogram'
export { downscaleBuckets, exponentialBound } from './exponential-buckets'
export type {
  Batch,
  BatchLimits,
  DatagramRequest,
  Encoder,
  Exporter,
  HttpRequest,
  LogEncoder,
  LogSink,
  PullHost,
  PullMetrics,
  PushLogs,
  PushMetrics,
  PushTraces,
  SendResult,
  Signal,
  Sink,
  SpanEncoder,
  SpanObserver,
  SpanSink,
  StreamRequest,
  Transport,
  TransportRequest,
} from './exporter'
export { hookIsLive, hooksMetricSource, liveHooks } from './hooks'
export { ignoreRejection } from './ignore-rejection'
export type { LogRecord } from './log-record'
export type {
  CollectFailure,
  Exemplar,
  ExponentialBuckets,
  ExponentialHistogramFamily,
  ExponentialHistogramPoint,
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
export { B3Propagator } from './propagation/b3-propagator'
export { formatBaggage, parseBaggage } from './propagation/baggage-header'
export { BaggageList } from './propagation/baggage-list'
export { CompositePropagator } from './propagation/composite-propagator'
export { type ContextCarrier, contextCarrier, runWithCarrier } from './propagation/context-carrier'
export { ContextSpan } from './propagation/context-span'
export { DatadogPropagator } from './propagation/datadog-propagator'
export { DATADOG_MEMBER, type DatadogState, parseDatadogMember } from './propagation/datadog-state'
export { EnvoyPropagator } from './propagation/envoy-propagator'
export { FirstTracePropagator, type NamedPropagator } from './propagation/first-trace-propagator'
export type { HeaderPropagator } from './propagation/header-propagator'
export {
  carriesContext,
  currentPropagator,
  extractContext,
  headerFamily,
  injectHeaders,
  type ReceivedHeaders,
  type SetHeader,
  setPropagator,
} from './propagation/http-headers'
export { JaegerPropagator } from './propagation/jaeger-propagator'
export { OtTracePropagator } from './propagation/ot-trace-propagator'
export {
  type CreatedPropagator,
  createPropagator,
  DEFAULT_PROPAGATORS,
  PROPAGATOR_NAMES,
} from './propagation/propagators'
export { type RemoteDecision, type RemoteHint, remoteHintOf, withHintOf } from './propagation/remote-span'
export { formatTraceState, parseTraceState, W3cTraceState } from './propagation/trace-state'
export { formatTraceParent, parseTraceParent } from './propagation/traceparent'
export { W3cBaggagePropagator } from './propagation/w3c-baggage-propagator'
export { W3cTraceContextPropagator } from './propagation/w3c-trace-context-propagator'
export { XrayPropagator } from './propagation/xray-propagator'
export { KEEP_BYTES, lengthSize, ProtobufWriter } from './protobuf-writer'
export { recordError } from './record-error'
export {
  currentResource,
  type Resource,
  type ServiceIdentity,
  serviceIdentity,
  setResource,
} from './resource'
export type { Sampler, SamplerFactory } from './sampler'
export { shared } from './shared'
export type { InstrumentationScope, SpanEvent, SpanLink, SpanRecord } from './span-record'
export { isTraceKept, traceThreshold } from './trace-ratio'
