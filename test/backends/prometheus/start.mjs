import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../free-ports.mjs'
import { inOwnFolder } from '../own-folder.mjs'
import { startServer } from '../start-server.mjs'
import { PrometheusQuery } from './query.mjs'

/**
 * A Prometheus of its own (`program`: its path) that scrapes `targets` (URLs of metrics endpoints, default none) every second, as the
 * job `hashira`, with `flags` beside its own: `{ url, query, stop() }`, where `query` is a `PrometheusQuery`. The first scrape comes
 * about 5 s after the start: Prometheus hands the targets to its scraper at that interval.
 * @param {{ program: string, targets?: string[], flags?: string[] }} options
 */
export function startPrometheus({ program, targets = [], flags = [] }) {
  return inOwnFolder('prometheus', async (folder) => {
    const file = join(folder, 'prometheus.yml')
    writeFileSync(file, JSON.stringify(config(targets)))
    const [port] = await freePorts(1, '127.0.0.1')
    const url = `http://127.0.0.1:${port}`
    const own = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
    ]
    const { stop } = await startServer(program, [...own, ...flags], {
      log: join(folder, 'prometheus.log'),
      ready: () => isReady(url),
    })
    return { url, query: new PrometheusQuery(url), stop }
  })
}

// JSON is YAML.
function config(targets) {
  const static_configs = targets.map((target) => {
    const { protocol, host, pathname } = new URL(target)
    return { targets: [host], labels: { __scheme__: protocol.slice(0, -1), __metrics_path__: pathname } }
  })
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    storage: { exemplars: { max_exemplars: 100_000 } },
    scrape_configs: [{ job_name: 'hashira', static_configs }],
  }
}

async function isReady(url) {
  const response = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(5000) })
  await response.text()
  return response.ok
}
