import { countFault } from '@hashira/core'
import { tracerProvider } from '@hashira/tracing'
import type { MeterProvider } from '@opentelemetry/api'
import { requireImported } from './imported-commonjs'
import { openTelemetryApi } from './otel-api'

/** A published OpenTelemetry instrumentation (`@opentelemetry/instrumentation-pg`), or one of one's own. */
export interface Instrumentation {
  enable(): void
  disable(): void
  setTracerProvider?(provider: typeof tracerProvider): void
  setMeterProvider?(provider: MeterProvider): void
}

/**
 * Gives each instrumentation Hashira's providers and enables it. Returns the function that disables them. One that throws is
 * counted as `instrumentation`; the others work all the same.
 */
export function enableInstrumentations(instrumentations: readonly Instrumentation[]): () => void {
  if (instrumentations.length === 0) return () => {}
  const stopRequiring = requireImported()
  for (const one of instrumentations) {
    guarded(() => {
      one.setTracerProvider?.(tracerProvider)
      one.setMeterProvider?.(openTelemetryApi().metrics.getMeterProvider())
      one.enable()
    })
  }
  return () => {
    stopRequiring()
    for (const one of instrumentations) guarded(() => one.disable())
  }
}

function guarded(call: () => void): void {
  try {
    call()
  } catch {
    countFault('instrumentation')
  }
}
