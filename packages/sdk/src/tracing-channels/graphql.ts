import type { HashiraSpan } from '@hashira/tracing'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { ChannelLibrary } from './libraries'
import { textIn } from './message-fields'
import type { CallSpan, Message, TracedChannel } from './traced-channel'

/** The operation's name is the caller's, so it names no span (OpenTelemetry, "GraphQL server"). The document is not recorded. */
function describe(message: Message): CallSpan {
  const type = textIn(message, 'operationType')
  return {
    name: type ?? 'GraphQL operation',
    kind: SpanKind.INTERNAL,
    attributes: {
      'graphql.operation.type': type,
      'graphql.operation.name': textIn(message, 'operationName'),
    },
  }
}

/** Errors of resolvers are part of the answer. */
function finish(span: HashiraSpan, { result }: Message): void {
  const errors = (result as { errors?: unknown } | undefined)?.errors
  if (!Array.isArray(errors) || errors.length === 0) return
  for (const error of errors.slice(0, 10)) span.recordException(error)
  const [first] = errors as { message?: unknown }[]
  span.setStatus({ code: SpanStatusCode.ERROR, message: String(first?.message) })
  span.setAttribute('error.type', 'GraphQLError')
}

const traced = (channel: string): TracedChannel => ({ channel, describe, finish })

/** From 17 on. Resolvers run inside of the span; they get none of their own, of which a list would have thousands. */
export const graphql: ChannelLibrary = {
  name: 'graphql',
  instrumentation: '@opentelemetry/instrumentation-graphql',
  channels: [traced('graphql:execute'), traced('graphql:subscribe')],
}
