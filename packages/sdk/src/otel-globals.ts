import { contextManager, HashiraError } from '@hashira/core'
import { tracerProvider } from '@hashira/tracing'
import { context, propagation, type TracerProvider, trace } from '@opentelemetry/api'

/**
 * Makes Hashira what `@opentelemetry/api` stands on.
 *
 * @throws HashiraError HASHIRA_OTEL_SDK_REGISTERED when another SDK did so before
 */
export function registerGlobals(
  propagator: Parameters<typeof propagation.setGlobalPropagator>[0],
  withTracing: boolean,
): void {
  if (!context.setGlobalContextManager(contextManager)) throw alreadyRegistered('context manager')
  if (withTracing && !trace.setGlobalTracerProvider(tracerProvider)) {
    context.disable()
    throw alreadyRegistered(`tracer provider, ${registeredProvider()}`)
  }
  propagation.setGlobalPropagator(propagator)
}

/** Gives the globals back, so that `start()` may follow again. */
export function releaseGlobals(): void {
  trace.disable()
  propagation.disable()
  context.disable()
}

function alreadyRegistered(what: string): HashiraError {
  return new HashiraError(
    'HASHIRA_OTEL_SDK_REGISTERED',
    `start(): another OpenTelemetry SDK has registered its ${what}; remove it (NodeSDK, --require @opentelemetry/auto-instrumentations-node/register), ` +
      'its instrumentations keep working with Hashira',
  )
}

function registeredProvider(): string {
  const provider = trace.getTracerProvider() as TracerProvider & { getDelegate?: () => TracerProvider }
  return (provider.getDelegate?.() ?? provider).constructor.name
}
