import type { HashiraSpan } from '@hashira/tracing'
import { SpanKind } from '@opentelemetry/api'
import { numberIn, serverIn, textIn } from './message-fields'
import type { CallSpan, Message, TracedChannel } from './traced-channel'

/**
 * `ioredis:…` and `node-redis:…` carry the same: the command and its arguments, of which the library has taken out what may be
 * data. Connections are no calls and get no span.
 */
export function redisChannels(prefix: string, argumentsHold: 'command' | 'arguments'): TracedChannel[] {
  const describeCommand = (message: Message): CallSpan => {
    const command = (textIn(message, 'command') ?? 'redis').toUpperCase()
    const list = message['args']
    const given = Array.isArray(list) ? list.slice(argumentsHold === 'command' ? 1 : 0).map(String) : []
    return {
      name: command,
      kind: SpanKind.CLIENT,
      attributes: {
        ...attributesOf(message),
        'db.operation.name': command,
        'db.query.text': [command, ...given].join(' '),
      },
    }
  }
  return [
    { channel: `${prefix}:command`, describe: describeCommand, finish },
    { channel: `${prefix}:batch`, describe: describeBatch, finish },
  ]
}

function describeBatch(message: Message): CallSpan {
  const mode = textIn(message, 'batchMode') ?? 'PIPELINE'
  return {
    name: mode,
    kind: SpanKind.CLIENT,
    attributes: {
      ...attributesOf(message),
      'db.operation.name': mode,
      'db.operation.batch.size': numberIn(message, 'batchSize'),
    },
  }
}

function attributesOf(message: Message) {
  const database = numberIn(message, 'database')
  return {
    'db.system.name': 'redis',
    'db.namespace': database === undefined ? undefined : String(database),
    ...serverIn(message),
  }
}

/** An error answer begins with its code: `WRONGTYPE Operation against …`. */
function finish(span: HashiraSpan, { error }: Message): void {
  const text = (error as { message?: unknown } | undefined)?.message
  const code = typeof text === 'string' ? /^([A-Z][A-Z0-9]+) /.exec(text)?.[1] : undefined
  if (code !== undefined) span.setAttribute('db.response.status_code', code)
}
