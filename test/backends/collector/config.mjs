import { join } from 'node:path'

/**
 * The collector's configuration; JSON is YAML. No batch processor, so what was received can be read after at most the file exporter's
 * 200 ms (statsd: after the second that it aggregates). `at` has what each receiver listens on, as `host:port`; `awsEndpoint` is where
 * the X-Ray proxy sends its calls.
 */
export function config({ at, files, awsEndpoint }) {
  const file = (path) => ({ path, flush_interval: '200ms' })
  return {
    receivers: {
      otlp: { protocols: { http: { endpoint: at.otlp }, grpc: { endpoint: at.otlpGrpc } } },
      zipkin: { endpoint: at.zipkin },
      datadog: { endpoint: at.datadog },
      jaeger: { protocols: { thrift_http: { endpoint: at.jaeger }, grpc: { endpoint: at.jaegerGrpc } } },
      statsd: { endpoint: at.statsd, aggregation_interval: '1s', enable_metric_type: true },
      awsxray: {
        endpoint: at.xray,
        transport: 'udp',
        proxy_server: { endpoint: at.xray, region: 'us-east-1', aws_endpoint: awsEndpoint },
      },
    },
    exporters: {
      'file/traces': file(files.tracesFile),
      'file/metrics': file(files.metricsFile),
      'file/logs': file(files.logsFile),
      debug: { verbosity: 'basic' },
    },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: {
        traces: {
          receivers: ['otlp', 'zipkin', 'datadog', 'jaeger', 'awsxray'],
          exporters: ['file/traces', 'debug'],
        },
        metrics: { receivers: ['otlp', 'datadog', 'statsd'], exporters: ['file/metrics', 'debug'] },
        logs: { receivers: ['otlp', 'datadog'], exporters: ['file/logs', 'debug'] },
      },
    },
  }
}

/** Where the signals come out, one file each; `collectorLog` says why something was refused. */
export function filesIn(folder) {
  return {
    tracesFile: join(folder, 'traces.json'),
    metricsFile: join(folder, 'metrics.json'),
    logsFile: join(folder, 'logs.json'),
    collectorLog: join(folder, 'collector.log'),
  }
}
