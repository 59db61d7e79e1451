import { SpanKind } from '@opentelemetry/api'
import type { ChannelLibrary } from './libraries'
import { serverIn, textIn } from './message-fields'
import type { CallSpan, Message, TracedChannel } from './traced-channel'

/** Filters and documents are in the message too; they are data and are left there. */
function describe(message: Message): CallSpan {
  const operation = textIn(message, 'operation')
  const collection = textIn(message, 'collection')
  const summary = [operation, collection].filter((word) => word !== undefined).join(' ')
  return {
    name: summary === '' ? 'mongodb' : summary,
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'mongodb',
      'db.namespace': textIn(message, 'database'),
      'db.collection.name': collection,
      'db.operation.name': operation,
      ...serverIn(message),
    },
  }
}

const traced = (channel: string): TracedChannel => ({ channel, describe })

/** A cursor's steps are no spans: there is one per document. */
export const mongoose: ChannelLibrary = {
  name: 'mongoose',
  instrumentation: '@opentelemetry/instrumentation-mongoose',
  channels: ['query', 'aggregate', 'model:save', 'model:insertMany', 'model:bulkWrite'].map((name) =>
    traced(`mongoose:${name}`),
  ),
}
