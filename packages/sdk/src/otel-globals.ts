import { apiGlobals, contextManager, HashiraError, watchApi } from '@hashira/core'
import { releaseMeterProvider, requireMeterProvider } from '@hashira/metrics-red'
import { tracerProvider } from '@hashira/tracing'
import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api'
import { isApiLoaded, openTelemetryApi } from './otel-api'

/**
 * Makes Hashira what `@opentelemetry/api` stands on: at once where the API is in use, else as soon as somebody uses it. Returns the
 * function that gives back what it took, so that `start()` may follow again. Without tracing another SDK may stay beside it:
 * nothing would be recorded twice.
 *
 * @throws HashiraError HASHIRA_OTEL_SDK_REGISTERED when another SDK did so before
 */
export function registerGlobals(propagator: TextMapPropagator, withTracing: boolean): () => void {
  if (!withTracing) releaseMeterProvider()
  if (apiGlobals() !== undefined || isApiLoaded()) return register(propagator, withTracing)
  let release: (() => void) | undefined
  const stopWatching = watchApi({
    used() {
      stopWatching()
      release = register(propagator, withTracing)
    },
  })
  return () => {
    stopWatching()
    if (release !== undefined) release()
    else releaseMeterProvider()
  }
}

function register(propagator: TextMapPropagator, withTracing: boolean): () => void {
  const { context, propagation, trace } = openTelemetryApi()
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
  const provider = openTelemetryApi().trace.getTracerProvider() as TracerProvider & {
    getDelegate?: () => TracerProvider
  }
  return (provider.getDelegate?.() ?? provider).constructor.name
}
