import { type Attributes, type Link, SpanKind } from '@opentelemetry/api'
import { type Fields, fieldsOf, textOf } from './fields'
import { linkFrom } from './parent'
import type { Trigger } from './trigger'

interface Source {
  readonly trigger: 'pubsub' | 'datasource'
  /** `messaging.system`, where it is one. */
  readonly system?: string | undefined
  /** What a record says it was sent by. */
  readonly carrier?: ((record: Fields) => Readonly<Record<string, string>>) | undefined
}

const SOURCES: ReadonlyMap<string, Source> = new Map<string, Source>([
  ['aws:sqs', { trigger: 'pubsub', system: 'aws_sqs', carrier: sqsCarrier }],
  ['aws:sns', { trigger: 'pubsub', system: 'aws.sns', carrier: snsCarrier }],
  ['aws:kinesis', { trigger: 'pubsub', system: 'aws.kinesis' }],
  ['aws:dynamodb', { trigger: 'datasource' }],
  ['aws:s3', { trigger: 'datasource' }],
])

/** Links of one span; OpenTelemetry's own limit for them is the same. */
const MAX_LINKS = 128

/** A batch of records from a queue, a topic, a stream or a table. */
export function recordsTrigger(event: Fields): Trigger | undefined {
  const records = event['Records']
  const first = Array.isArray(records) ? fieldsOf(records[0]) : undefined
  if (first === undefined) return undefined
  // SNS writes its names with capitals.
  const source = SOURCES.get(String(first['eventSource'] ?? first['EventSource']))
  if (source === undefined) return undefined
  const all = records as unknown[]
  return {
    trigger: source.trigger,
    kind: SpanKind.CONSUMER,
    attributes: source.system === undefined ? {} : messagingAttributes(source.system, first, all.length),
    links: source.carrier === undefined ? undefined : linksOf(all, source.carrier),
  }
}

function messagingAttributes(system: string, first: Fields, count: number): Attributes {
  const arn = textOf(first['eventSourceARN']) ?? textOf(fieldsOf(first['Sns'])?.['TopicArn'])
  const id = textOf(first['messageId']) ?? textOf(fieldsOf(first['Sns'])?.['MessageId'])
  const name = arn?.slice(arn.lastIndexOf(':') + 1)
  return {
    'messaging.system': system,
    'messaging.operation.type': 'process',
    'messaging.destination.name': name?.slice(name.lastIndexOf('/') + 1),
    'messaging.batch.message_count': count > 1 ? count : undefined,
    'messaging.message.id': count > 1 ? undefined : id,
  }
}

/** One per sender: a batch is often of one. */
function linksOf(records: readonly unknown[], carrier: NonNullable<Source['carrier']>): Link[] {
  const links = new Map<string, Link>()
  for (const record of records) {
    const fields = fieldsOf(record)
    const link = fields && linkFrom(carrier(fields))
    if (link === undefined) continue
    links.set(`${link.context.traceId}${link.context.spanId}`, link)
    if (links.size >= MAX_LINKS) break
  }
  return [...links.values()]
}

/** Message attributes as the propagators wrote them; X-Ray's own header travels as a system attribute. */
function sqsCarrier(record: Fields): Record<string, string> {
  const carrier = attributesOf(record['messageAttributes'], 'stringValue')
  const header = textOf(fieldsOf(record['attributes'])?.['AWSTraceHeader'])
  if (header !== undefined) carrier['x-amzn-trace-id'] = header
  return carrier
}

function snsCarrier(record: Fields): Record<string, string> {
  return attributesOf(fieldsOf(record['Sns'])?.['MessageAttributes'], 'Value')
}

function attributesOf(attributes: unknown, key: string): Record<string, string> {
  const carrier: Record<string, string> = {}
  for (const [name, value] of Object.entries(fieldsOf(attributes) ?? {})) {
    const text = textOf(fieldsOf(value)?.[key])
    if (text !== undefined) carrier[name.toLowerCase()] = text
  }
  return carrier
}
