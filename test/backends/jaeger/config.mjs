/**
 * Jaeger's configuration; JSON is YAML. No batch processor: a span can be read back as soon as its request is answered.
 * `at` has what it listens on, as `host:port`; `samplingFile` is read again every second.
 */
export function config({ at, samplingFile }) {
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query', 'remote_sampling'],
      pipelines: {
        traces: { receivers: ['otlp', 'jaeger', 'zipkin'], exporters: ['jaeger_storage_exporter'] },
      },
      telemetry: { metrics: { level: 'none' } },
    },
    extensions: {
      jaeger_storage: { backends: { memory: { memory: { max_traces: 100_000 } } } },
      jaeger_query: {
        storage: { traces: 'memory' },
        http: { endpoint: at.query },
        grpc: { endpoint: at.queryGrpc },
      },
      remote_sampling: {
        file: { path: samplingFile, default_sampling_probability: 1, reload_interval: '1s' },
        http: { endpoint: at.sampling },
        grpc: { endpoint: at.samplingGrpc },
      },
    },
    receivers: {
      otlp: { protocols: { http: { endpoint: at.otlp }, grpc: { endpoint: at.otlpGrpc } } },
      jaeger: { protocols: { thrift_http: { endpoint: at.thrift } } },
      zipkin: { endpoint: at.zipkin },
    },
    exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
  }
}
