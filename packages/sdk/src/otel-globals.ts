import { contextManager, HashiraError } from '@hashira/core'
import { releaseMeterProvider, requireMeterProvider } from '@hashira/metrics-red'
import { tracerProvider } from '@hashira/tracing'
import { context, propagation, type TracerProvider, trace } from '@opentelemetry/api'

/**
 * Makes Hashira what `@opentelemetry/api` stands on. Returns the function that gives back what it took, so that `start()` may
 * follow again. Without tracing another SDK may stay beside it: nothing would be recorded twice.
 *
 * @throws HashiraError HASHIRA_OTEL_SDK_REGISTERED when another SDK did so before
 */
export function registerGlobals(
  propagator: Parameters<typeof propagation.setGlobalPropagator>[0],
  withTracing: boolean,
): () => void {
  const hasContext = context.setGlobalContextManager(contextManager)
  const hasTracing = withTracing && trace.setGlobalTracerProvider(tracerProvider)
  const hasPropagation = propagation.setGlobalPropagator(propagator)
  const release = () => {
    releaseMeterProvider()
    if (hasTracing) trace.disable()
    if (hasPropagation) propagation.disable()
    if (hasContext) context.disable()
  }
  if (withTracing && !(hasContext && hasTracing)) {
    const registered = hasTracing ? 'its context manager' : registeredProvider()
    release()
    throw alreadyRegistered(registered)
  }
  if (withTracing) requireMeterProvider()
  else releaseMeterProvider()
  return release
}

function alreadyRegistered(registered: string): HashiraError {
  return new HashiraError(
    'HASHIRA_OTEL_SDK_REGISTERED',
    `start(): another OpenTelemetry SDK is registered in this process (${registered}); remove it (NodeSDK, --require @opentelemetry/auto-instrumentations-node/register), ` +
      'its instrumentations keep working with Hashira',
  )
}

function registeredProvider(): string {
  const provider = trace.getTracerProvider() as TracerProvider & { getDelegate?: () => TracerProvider }
  return (provider.getDelegate?.() ?? provider).constructor.name
}
