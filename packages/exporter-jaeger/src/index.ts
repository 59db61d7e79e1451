export { type JaegerOptions, jaeger } from './jaeger-exporter'
