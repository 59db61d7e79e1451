import assert from 'node:assert/strict'
import { after } from 'node:test'
import { type MemoryExporter, memoryExporter, waitFor } from '@hashira/testing'
import { tracer } from '@hashira/tracing'
import { type StartOptions, start } from 'hashira'

type Span = MemoryExporter['spans'][number]

/** Starts Hashira with `options`, for the whole file: libraries must be loaded after. */
export function observed(options: StartOptions): {
  readonly memory: MemoryExporter
  /** Runs `work` inside of a span and returns that span and those below it. */
  inRequest(work: () => unknown, count?: number): Promise<{ request: Span; inside: Span[] }>
} {
  const memory = memoryExporter()
  const hashira = start({ exporters: [memory], quiet: true, handleSignals: false, ...options })
  after(() => hashira.shutdown())
  return {
    memory,
    async inRequest(work, count = 1) {
      memory.reset()
      await tracer.span('request', async () => work())
      await waitFor(() => memory.spans.some(({ name }) => name === 'request'))
      const request = memory.spans.find(({ name }) => name === 'request')!
      const below = () => memory.spans.filter((span) => span !== request && span.traceId === request.traceId)
      await waitFor(() => below().length >= count, { what: `${count} spans of the library` })
      return { request, inside: below() }
    },
  }
}

/** The only span of `scope` among `spans`, whose parent is `parent`. */
export function childOf(parent: Span, spans: readonly Span[], scope: string): Span {
  const own = spans.filter((span) => span.scope.name === scope)
  assert.equal(own.length, 1, `spans: ${spans.map(({ name, scope: { name: by } }) => `${name} by ${by}`)}`)
  assert.equal(own[0]!.parentSpanId, parent.spanId)
  return own[0]!
}
