import { describe, HashiraError } from '@hashira/core'
import type { Tracer } from 'opentracing'
import { type ApiClasses, loadApi } from './api-classes'
import { SpanContextShim } from './span-context-shim'
import { SpanShim } from './span-shim'
import { TracerShim } from './tracer-shim'

export interface OpenTracingOptions {
  /** The app's `opentracing` module, for bundled apps. Default: the one that is installed with the app. */
  readonly opentracing?: unknown
}

const shim = new TracerShim()

/**
 * Hashira as an OpenTracing 0.14 tracer: `initGlobalTracer(openTracingTracer())`. Its spans are Hashira's spans, in the same traces, by
 * OpenTelemetry's "OpenTracing Compatibility". It may be made before `start()`.
 *
 * Tracer, spans and contexts are instances of the classes of `opentracing`, if it is installed: that package looks at them.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID
 */
export function openTracingTracer(options: OpenTracingOptions = {}): Tracer {
  const { opentracing } = options
  if (opentracing !== undefined && !isApi(opentracing))
    throw new HashiraError(
      'HASHIRA_OPTION_INVALID',
      `openTracingTracer(): option "opentracing" is ${describe(opentracing)}, allowed is the module "opentracing"`,
    )
  const api = opentracing ?? loadApi()
  if (isApi(api)) {
    Object.setPrototypeOf(TracerShim.prototype, api.Tracer.prototype)
    Object.setPrototypeOf(SpanShim.prototype, api.Span.prototype)
    Object.setPrototypeOf(SpanContextShim.prototype, api.SpanContext.prototype)
  }
  return shim as unknown as Tracer
}

function isApi(value: unknown): value is ApiClasses {
  if (typeof value !== 'object' || value === null) return false
  const { Tracer, Span, SpanContext } = value as Partial<ApiClasses>
  return [Tracer, Span, SpanContext].every((one) => typeof one === 'function')
}
