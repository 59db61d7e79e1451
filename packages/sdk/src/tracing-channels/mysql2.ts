import type { HashiraSpan } from '@hashira/tracing'
import { SpanKind } from '@opentelemetry/api'
import type { ChannelLibrary } from './libraries'
import { serverIn, textIn } from './message-fields'
import { summaryOf, withoutLiterals } from './sql-text'
import type { CallSpan, Message, TracedChannel } from './traced-channel'

/** mysql2 publishes the statement of `query()` with its values already in it. */
function describe(message: Message): CallSpan {
  const text = withoutLiterals(textIn(message, 'query') ?? '')
  const { operation, table } = summaryOf(text)
  const summary = [operation, table].filter((word) => word !== undefined).join(' ')
  return {
    name: summary === '' ? 'mysql' : summary,
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'mysql',
      'db.namespace': textIn(message, 'database'),
      'db.query.text': text === '' ? undefined : text,
      'db.query.summary': summary === '' ? undefined : summary,
      'db.operation.name': operation,
      ...serverIn(message),
    },
  }
}

/** MySQL's own number: 1146 is a table that does not exist. */
function finish(span: HashiraSpan, { error }: Message): void {
  const number = (error as { errno?: unknown } | undefined)?.errno
  if (typeof number === 'number' && number > 0) span.setAttribute('db.response.status_code', String(number))
}

const traced = (channel: string): TracedChannel => ({ channel, describe, finish })

export const mysql2: ChannelLibrary = {
  name: 'mysql2',
  instrumentation: '@opentelemetry/instrumentation-mysql2',
  channels: [traced('mysql2:query'), traced('mysql2:execute')],
}
