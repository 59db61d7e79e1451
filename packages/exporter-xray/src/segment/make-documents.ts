import { AttributeList, type SpanEvent, type SpanRecord } from '@hashira/core'
import { SpanKind } from '@opentelemetry/api'
import { RULE_ATTRIBUTE } from '../sampler/applied-rule'
import { xrayTraceId } from '../trace-id'
import { type AnnotationRules, annotationsAndMetadata } from './annotations'
import { AttributeReader } from './attribute-reader'
import { awsCallBlock } from './aws-call-block'
import { causeBlock, isException } from './cause-block'
import { httpBlock } from './http-block'
import { linksBlock, plain } from './links-block'
import { outcome } from './outcome'
import type { ResourceFacts } from './resource-facts'
import type { AwsResourceBlock, MetadataValue, SegmentDocument } from './segment-document'
import { isAwsCall, segmentName, subsegmentName } from './segment-name'
import { sqlBlock } from './sql-block'

const NO_ATTRIBUTES = new AttributeList()

export interface DocumentSettings {
  readonly resource: ResourceFacts
  readonly annotations: AnnotationRules
  /** In place of the service's name. */
  readonly segmentName: string | undefined
  readonly collectSqlQueries: boolean
  readonly workingDirectory: string | undefined
}

/**
 * The documents of one span. What begins the service's own work (the local root, a server span) is a segment; what runs inside
 * is a subsegment, sent apart. A local root that calls another service is both: a segment for this service, and in it the call.
 */
export function makeDocuments(record: SpanRecord, settings: DocumentSettings): SegmentDocument[] {
  const isSegment = record.isLocalRoot || record.kind === SpanKind.SERVER
  if (!isSegment) return [subsegment(record, settings, record.parentSpanId)]
  const isCall = record.kind === SpanKind.CLIENT || record.kind === SpanKind.PRODUCER
  if (!isCall) return [segment(record, settings)]
  const id = serviceSegmentId(record.spanId)
  return [bareSegment(record, settings, id), subsegment(record, settings, id)]
}

// Every document is one literal with every field: spreading its parts together took longer than all the rest. JSON leaves out
// what is undefined.
function segment(record: SpanRecord, settings: DocumentSettings): SegmentDocument {
  const { resource } = settings
  const attributes = new AttributeReader(record.attributes)
  const { error, throttle, fault } = outcome(record, attributes)
  const document: SegmentDocument = {
    name: segmentNameOf(settings, attributes),
    id: record.spanId,
    trace_id: xrayTraceId(record.traceId),
    parent_id: record.parentSpanId,
    start_time: secondsOf(record.startSeconds, record.startNanos),
    end_time: secondsOf(record.endSeconds, record.endNanos),
    origin: resource.origin,
    resource_arn: attributes.text('aws.xray.resource_arn'),
    user: attributes.text('enduser.id', 'user.id'),
    service: resource.service,
    error,
    throttle,
    fault,
    http: httpBlock(record, attributes),
    aws: withRule(resource.aws, attributes.text(RULE_ATTRIBUTE)),
    cause: causeBlock(record, attributes, settings.workingDirectory),
    links: linksBlock(record),
    annotations: undefined,
    metadata: undefined,
  }
  const more = [['otel.span.name', record.name] as const, ...resource.attributes, ...eventsOf(record)]
  return withAttributes(document, attributes, settings, more)
}

/** A segment that says only which service made the call. */
function bareSegment(record: SpanRecord, settings: DocumentSettings, id: string): SegmentDocument {
  const { resource } = settings
  const attributes = new AttributeReader(record.attributes)
  const { error, throttle, fault } = outcome(record, attributes)
  const document: SegmentDocument = {
    name: segmentNameOf(settings, attributes),
    id,
    trace_id: xrayTraceId(record.traceId),
    parent_id: record.parentSpanId,
    start_time: secondsOf(record.startSeconds, record.startNanos),
    end_time: secondsOf(record.endSeconds, record.endNanos),
    origin: resource.origin,
    service: resource.service,
    error,
    throttle,
    fault,
    aws: withRule(resource.aws, attributes.text(RULE_ATTRIBUTE)),
    annotations: undefined,
    metadata: undefined,
  }
  return withAttributes(document, new AttributeReader(NO_ATTRIBUTES), settings, resource.attributes)
}

function subsegment(
  record: SpanRecord,
  settings: DocumentSettings,
  parentId: string | undefined,
): SegmentDocument {
  const attributes = new AttributeReader(record.attributes)
  const isCall = record.kind === SpanKind.CLIENT || record.kind === SpanKind.PRODUCER
  const isAws = isCall && isAwsCall(attributes)
  const name = subsegmentName(record, attributes)
  const { error, throttle, fault } = outcome(record, attributes)
  const document: SegmentDocument = {
    name,
    id: record.spanId,
    trace_id: xrayTraceId(record.traceId),
    parent_id: parentId,
    type: 'subsegment',
    namespace: isAws ? 'aws' : isCall ? 'remote' : undefined,
    start_time: secondsOf(record.startSeconds, record.startNanos),
    end_time: secondsOf(record.endSeconds, record.endNanos),
    error,
    throttle,
    fault,
    http: httpBlock(record, attributes),
    aws: isAws ? awsCallBlock(attributes) : undefined,
    sql: sqlBlock(attributes, settings.collectSqlQueries),
    cause: causeBlock(record, attributes, settings.workingDirectory),
    links: linksBlock(record),
    annotations: undefined,
    metadata: undefined,
  }
  const more = eventsOf(record)
  if (name !== record.name) more.unshift(['otel.span.name', record.name])
  return withAttributes(document, attributes, settings, more)
}

/** The last step: what no block took is metadata. */
function withAttributes(
  document: SegmentDocument,
  attributes: AttributeReader,
  settings: DocumentSettings,
  more: readonly (readonly [key: string, value: MetadataValue])[],
): SegmentDocument {
  const { annotations, metadata } = annotationsAndMetadata(attributes, settings.annotations, more)
  document.annotations = annotations
  document.metadata = metadata
  return document
}

function secondsOf(seconds: number, nanos: number): number {
  return seconds + nanos / 1e9
}

/** With the sampling rule that took the trace. */
function withRule(aws: AwsResourceBlock, rule: string | undefined): AwsResourceBlock {
  const { xray } = aws
  if (rule === undefined || xray === undefined) return aws
  return {
    account_id: aws.account_id,
    cloudwatch_logs: aws.cloudwatch_logs,
    ec2: aws.ec2,
    ecs: aws.ecs,
    eks: aws.eks,
    elastic_beanstalk: aws.elastic_beanstalk,
    xray: {
      sdk: xray.sdk,
      sdk_version: xray.sdk_version,
      auto_instrumentation: xray.auto_instrumentation,
      rule_name: rule,
    },
  }
}

function segmentNameOf(
  { segmentName: given, resource }: DocumentSettings,
  attributes: AttributeReader,
): string {
  return segmentName(attributes, given ?? resource.serviceName)
}

/** X-Ray has no events; other than exceptions they are metadata. */
function eventsOf({ events }: SpanRecord): (readonly [string, MetadataValue])[] {
  const told = events.filter((event) => !isException(event)).map(eventValue)
  return told.length === 0 ? [] : [['otel.events', told]]
}

function eventValue({ name, timeSeconds, timeNanos, attributes }: SpanEvent): MetadataValue {
  const event = { name, time: secondsOf(timeSeconds, timeNanos) }
  return attributes.size === 0 ? event : { ...event, attributes: plain(attributes) }
}

/** Another 16 digits, the same whenever the same span is sent again. */
function serviceSegmentId(spanId: string): string {
  const flipped = (Number.parseInt(spanId.slice(0, 8), 16) ^ 0xffffffff) >>> 0
  return flipped.toString(16).padStart(8, '0') + spanId.slice(8)
}
