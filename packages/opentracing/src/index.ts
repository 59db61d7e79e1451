export { type OpenTracingOptions, openTracingTracer } from './open-tracing-tracer'
