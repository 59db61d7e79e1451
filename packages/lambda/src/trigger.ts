import { type Attributes, type Link, SpanKind } from '@opentelemetry/api'
import { type Fields, fieldsOf, textOf } from './fields'
import { httpTrigger } from './http-trigger'
import { recordsTrigger } from './records-trigger'

/** What called the function, as its span says it. */
export interface Trigger {
  /** Values of `faas.trigger`. */
  readonly trigger: 'http' | 'pubsub' | 'datasource' | 'timer' | 'other'
  readonly kind: SpanKind
  /** `GET /users/{id}`; `undefined`: the function's name. */
  readonly name?: string | undefined
  readonly attributes: Attributes
  /** Lower-case names; the parent is in them. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The spans that the records were sent by. */
  readonly links?: readonly Link[] | undefined
}

/** OpenTelemetry semantic conventions, "AWS Lambda" and "FaaS spans". Never throws. */
export function triggerOf(event: unknown): Trigger {
  const fields = fieldsOf(event)
  if (fields === undefined) return other
  try {
    return httpTrigger(fields) ?? recordsTrigger(fields) ?? eventBridgeTrigger(fields) ?? other
  } catch {
    // A getter or Proxy of a test's own event.
    return other
  }
}

const other: Trigger = { trigger: 'other', kind: SpanKind.SERVER, attributes: {} }

function eventBridgeTrigger(event: Fields): Trigger | undefined {
  const type = textOf(event['detail-type'])
  const source = textOf(event['source'])
  if (type === undefined || source === undefined) return undefined
  if (type === 'Scheduled Event' || source === 'aws.scheduler')
    return { trigger: 'timer', kind: SpanKind.CONSUMER, attributes: {} }
  return {
    trigger: 'pubsub',
    kind: SpanKind.CONSUMER,
    attributes: {
      'messaging.system': 'aws.eventbridge',
      'messaging.operation.type': 'process',
      'messaging.message.id': textOf(event['id']),
    },
  }
}
