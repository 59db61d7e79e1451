import assert from 'node:assert/strict'
import { AttributeList, rootContext, runInContext, setResource, withSpan } from '@hashira/core'
import { trace } from '@opentelemetry/api'

export const TRACE = '0af7651916cd43dd8448eb211c80319c'
export const SPAN = 'b7ad6b7169203331'
export const IDS = { trace_id: TRACE, span_id: SPAN, trace_flags: '01' }
export const SERVICE = {
  'service.name': 'shop "eu"',
  'service.version': '1.2.3',
  'deployment.environment.name': 'staging',
}

export function inSpan<T>(fn: () => T, traceFlags = 1, traceId = TRACE): T {
  const span = trace.wrapSpanContext({ traceId, spanId: SPAN, traceFlags })
  return runInContext(withSpan(rootContext, span), fn)
}

export function sink(): { lines: string[]; write(line: string): void } {
  const lines: string[] = []
  return { lines, write: (line) => void lines.push(line) }
}

export function only(lines: string[]): Record<string, unknown> {
  assert.equal(lines.length, 1)
  return JSON.parse(lines[0]!) as Record<string, unknown>
}

export function setService(): void {
  setResource({ attributes: new AttributeList(Object.entries(SERVICE).flat()) })
}
