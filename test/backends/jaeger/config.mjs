/** Jaeger's configuration; JSON is YAML. No batch processor: a span can be read back as soon as its request is answered. */
export function config({ otlp, query, queryGrpc }) {
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { metrics: { level: 'none' } },
    },
    extensions: {
      jaeger_storage: { backends: { memory: { memory: { max_traces: 100_000 } } } },
      jaeger_query: {
        storage: { traces: 'memory' },
        http: { endpoint: query },
        grpc: { endpoint: queryGrpc },
      },
    },
    receivers: { otlp: { protocols: { http: { endpoint: otlp } } } },
    exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
  }
}
