import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../free-ports.mjs'
import { inOwnFolder } from '../own-folder.mjs'
import { startServer } from '../start-server.mjs'
import { config, filesIn } from './config.mjs'

const host = '127.0.0.1'
const listeners = ['otlp', 'otlpGrpc', 'zipkin', 'datadog', 'jaeger', 'jaegerGrpc', 'statsd', 'xray']

// Without it Datadog's traces have the lower half of their ids only.
const featureGates = ['receiver.datadogreceiver.Enable128BitTraceID']

/**
 * A collector (`program`: its path) with all its receivers; `awsEndpoint` (default: nothing listens there) is where the X-Ray proxy
 * sends its calls. Returns `stop()` and, as plain JSON:
 * - `otlpUrl` (HTTP), `otlpGrpcUrl`, `zipkinUrl`, `datadogUrl`, `jaegerThriftUrl` (Thrift over HTTP), `jaegerGrpcUrl`, and `xrayProxyUrl`,
 *   the X-Ray proxy: bases without a path.
 * - `statsdHost` and `statsdPort`, `xrayHost` and `xrayPort`: UDP. The X-Ray proxy has the same number for TCP.
 * - `tracesFile`, `metricsFile`, `logsFile`: OTLP JSON, a line for each batch, read by `output.mjs`; `collectorLog`.
 */
export function startCollector({ program, awsEndpoint = 'http://127.0.0.1:9' }) {
  return inOwnFolder('collector', async (folder) => {
    const ports = await freePorts(listeners.length, host)
    const at = Object.fromEntries(listeners.map((name, index) => [name, `${host}:${ports[index]}`]))
    const files = filesIn(folder)
    const file = join(folder, 'config.yaml')
    writeFileSync(file, JSON.stringify(config({ at, files, awsEndpoint })))
    const flags = ['--config', `file:${file}`, `--feature-gates=${featureGates}`]
    const { stop } = await startServer(program, flags, {
      log: files.collectorLog,
      // The proxy signs with these, and does not start without any.
      env: { AWS_ACCESS_KEY_ID: 'collector', AWS_SECRET_ACCESS_KEY: 'collector' },
      ready: () => readFileSync(files.collectorLog, 'utf8').includes('Everything is ready'),
    })
    return { ...places(at), ...files, stop }
  })
}

function places(at) {
  const [statsdHost, statsdPort] = at.statsd.split(':')
  const [xrayHost, xrayPort] = at.xray.split(':')
  return {
    otlpUrl: `http://${at.otlp}`,
    otlpGrpcUrl: `http://${at.otlpGrpc}`,
    zipkinUrl: `http://${at.zipkin}`,
    datadogUrl: `http://${at.datadog}`,
    jaegerThriftUrl: `http://${at.jaeger}`,
    jaegerGrpcUrl: `http://${at.jaegerGrpc}`,
    statsdHost,
    statsdPort: Number(statsdPort),
    xrayHost,
    xrayPort: Number(xrayPort),
    xrayProxyUrl: `http://${at.xray}`,
  }
}
