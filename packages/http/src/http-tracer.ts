import { type HashiraTracer, tracerProvider } from '@hashira/tracing'
import { VERSION } from './version'

/** Of the spans of requests and calls; the tracer of `@hashira/tracing` is for an app's own. */
export const httpTracer: HashiraTracer = tracerProvider.getTracer('@hashira/http', VERSION)
