import type {
  Batch,
  Encoder,
  Exporter,
  LogRecord,
  MetricSnapshot,
  SendResult,
  SpanRecord,
  Transport,
} from '@hashira/core'
import { DatagramTransport, HttpTransport, StreamTransport } from '@hashira/delivery'
import {
  type ConformanceOptions,
  type ConformanceTarget,
  copyLog,
  copySpan,
  type ReceivedMessage,
} from '@hashira/testing'

/** What a careless author may do. */
export type Mistake =
  | 'forgets events'
  | 'loses spans in silence'
  | 'counts too many'
  | 'never retries'
  | 'retries for ever'
  | 'shows its key'
  | 'breaks its batch'
  | 'reads everything'
  | 'merges series'

const KEY = 'a-key-of-the-test'

/** An exporter of JSON lines with all three signals, over whatever `target` is; and what an author of its tests writes. */
export function lineConformance(
  backend: NonNullable<ConformanceOptions['backend']>,
  mistake?: Mistake,
): ConformanceOptions {
  return {
    name: `lines over ${backend}`,
    backend,
    create: (target) => lineExporter(target, backend, mistake),
    traces: { decode: decodeLines, expected: (span) => ({ attributes: throughJson(span.attributes) }) },
    logs: { decode: decodeLines, expected: (log) => ({ attributes: throughJson(log.attributes) }) },
    metrics: {
      countItems: (message) => decodeLines(message).length,
      check(messages, { families }) {
        const told = new Set(
          messages.flatMap((message) => decodeLines(message).map((line) => JSON.stringify(line))),
        )
        const points = families.flatMap(({ points }) => [...points])
        if (told.size !== points.length) throw new Error(`${told.size} series instead of ${points.length}`)
      },
    },
    secrets: [KEY],
    patienceMs: mistake === undefined ? undefined : 2_000,
    mayDrop: backend === 'udp' ? { huge: ['too_large', 'rejected'] } : undefined,
    partialSuccess: (rejected) => ({ body: String(rejected) }),
  }
}

function lineExporter(target: ConformanceTarget, backend: string, mistake?: Mistake): Exporter {
  const createEncoder = <R>(line: (record: R) => object) => new LineEncoder<R>(line, mistake)
  const encode = (snapshot: MetricSnapshot): Batch[] => {
    const points = snapshot.families.flatMap(({ name, points }) =>
      points.map((point) => ({ name, attributes: keyOf(point.attributes, mistake) })),
    )
    const bytes = Buffer.from(points.map((point) => `${JSON.stringify(point)}\n`).join(''))
    return points.length === 0 ? [] : [{ bytes, itemCount: points.length }]
  }
  const transport = () => withMistake(transportTo(target, backend, mistake), mistake)
  return {
    name: 'lines',
    traces: {
      transport: transport(),
      createEncoder: () => createEncoder((record: SpanRecord) => lineOf(copySpan(record), mistake)),
    },
    logs: {
      transport: transport(),
      createEncoder: () => createEncoder((record: LogRecord) => copyLog(record)),
    },
    metrics: { kind: 'push', transport: transport(), temporality: 'cumulative', encode },
  }
}

function keyOf(attributes: readonly unknown[], mistake: Mistake | undefined): unknown {
  return mistake === 'merges series' ? attributes.filter((_, i) => i % 2 === 1).join('|') : attributes
}

function lineOf(span: ReturnType<typeof copySpan>, mistake: Mistake | undefined): object {
  return { ...span, events: mistake === 'forgets events' ? [] : span.events, serviceName: 'conformance' }
}

class LineEncoder<R> implements Encoder<R> {
  readonly #line: (record: R) => object
  readonly #mistake: Mistake | undefined
  #lines: string[] = []
  #broken = false

  constructor(line: (record: R) => object, mistake: Mistake | undefined) {
    this.#line = line
    this.#mistake = mistake
  }

  get itemCount(): number {
    return this.#lines.length
  }

  get byteLength(): number {
    return this.#lines.reduce((sum, line) => sum + line.length, 0)
  }

  append(record: R): void {
    try {
      this.#lines.push(`${JSON.stringify(this.#line(record))}\n`)
    } catch (error) {
      this.#broken = true
      throw error
    }
  }

  take(): Batch {
    const lines = this.#broken && this.#mistake === 'breaks its batch' ? ['{\n'] : this.#lines
    const itemCount = this.#lines.length
    this.#lines = []
    return { bytes: Buffer.from(lines.join('')), itemCount }
  }
}

function transportTo(target: ConformanceTarget, backend: string, mistake: Mistake | undefined): Transport {
  const { host, port, timeoutMs, url, stream } = target
  if (backend === 'udp') return new DatagramTransport({ host, port, timeoutMs, split: datagrams })
  if (backend === 'tcp') return new StreamTransport({ host, port }, { timeoutMs })
  if (backend === 'http')
    return new HttpTransport({
      url,
      // All of it takes its time.
      timeoutMs: mistake === 'reads everything' ? 20_000 : timeoutMs,
      contentType: 'application/x-ndjson',
      headers: { 'x-key': KEY },
      maxResponseBytes: mistake === 'reads everything' ? 1e9 : undefined,
      interpretResponse: (_status, body) => ({ itemCount: Number(Buffer.from(body)), message: 'no' }),
    })
  return {
    destination: 'stream',
    send: async (batch) => {
      await new Promise((resolve) => stream.write(batch.bytes, resolve))
      return { outcome: 'delivered' }
    },
  }
}

function* datagrams(bytes: Uint8Array): Generator<Uint8Array> {
  for (const line of Buffer.from(bytes).toString().trimEnd().split('\n')) yield Buffer.from(`${line}\n`)
}

/** A transport that an author wrote without thinking. */
function withMistake(transport: Transport, mistake: Mistake | undefined): Transport {
  const other = (send: (result: SendResult, batch: Batch) => SendResult): Transport => ({
    destination: mistake === 'shows its key' ? `${transport.destination}?key=${KEY}` : transport.destination,
    timeoutMs: transport.timeoutMs,
    close: () => transport.close?.(),
    send: async (batch, abort) => send(await transport.send(batch, abort), batch),
  })
  switch (mistake) {
    case 'loses spans in silence':
      return other(() => ({ outcome: 'delivered' }))
    case 'never retries':
      return other((result) => (result.outcome === 'retry' ? { outcome: 'drop', reason: 'failed' } : result))
    case 'retries for ever':
      return other((result) => (result.outcome === 'drop' ? { outcome: 'retry', reason: 'failed' } : result))
    case 'counts too many':
      return other((result, { itemCount }) =>
        result.outcome === 'delivered'
          ? { outcome: 'delivered', rejected: { itemCount: Math.ceil(itemCount / 2), message: '' } }
          : result,
      )
    case 'shows its key':
      return other((result) => result)
    default:
      return transport
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what the lines hold is for the kit to find out
function decodeLines({ body }: ReceivedMessage): any[] {
  const text = body.toString('utf8').trimEnd()
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line))
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value))
}
