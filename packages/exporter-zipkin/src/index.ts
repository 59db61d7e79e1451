export { type ZipkinOptions, zipkin } from './zipkin-exporter'
