import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { command } from './command.mjs'
import { freePorts } from './free-ports.mjs'
import { getJson } from './get-json.mjs'
import { startServer } from './start-server.mjs'

/** The Prometheus programs (`PROMETHEUS_BIN`, `PROMTOOL_BIN`, else on the PATH): `{ path, promtool, version }`, or `{ missing: reason }`. */
export async function prometheusBinary() {
  const path = process.env.PROMETHEUS_BIN || 'prometheus'
  const promtool = process.env.PROMTOOL_BIN || 'promtool'
  try {
    const [first] = (await command(path, ['--version'])).split('\n')
    await command(promtool, ['--version'])
    return { path, promtool, version: /version (\S+)/.exec(first)?.[1] ?? first }
  } catch (error) {
    return { missing: error.message }
  }
}

/**
 * A Prometheus of its own that scrapes `targets` (URLs of metrics endpoints) every second, as the job `hashira`:
 * `{ url, version, query(), queryExemplars(), targets(), stop() }`, or `{ missing: reason }`. The first scrape comes about 5 s
 * after the start: Prometheus hands the targets to its scraper at that interval.
 */
export async function startPrometheus({ targets }) {
  const { path, version, missing } = await prometheusBinary()
  if (missing) return { missing }
  const folder = mkdtempSync(join(tmpdir(), 'hashira-prometheus-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const file = join(folder, 'prometheus.yml')
    writeFileSync(file, JSON.stringify(config(targets)))
    const [port] = await freePorts(1, '127.0.0.1')
    const url = `http://127.0.0.1:${port}`
    const flags = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
    ]
    const server = await startServer(path, flags, {
      log: join(folder, 'prometheus.log'),
      ready: () => isReady(url),
    })
    return { url, version, ...api(url), stop: () => server.stop().finally(remove) }
  } catch (error) {
    remove()
    return { missing: error.message }
  }
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

function api(url) {
  const get = async (path, parameters = {}) => {
    const { data } = await getJson(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    return data
  }
  return {
    /** An instant query: the list of `{ metric, value: [unixSeconds, text] }`. */
    query: async (promql) => (await get('query', { query: promql })).result,
    /** The list of `{ seriesLabels, exemplars: [{ labels, value, timestamp }] }` between two `Date`s (default: the last hour). */
    queryExemplars: (promql, start = new Date(Date.now() - 3_600_000), end = new Date(Date.now() + 60_000)) =>
      get('query_exemplars', { query: promql, start: start.toISOString(), end: end.toISOString() }),
    /** The list of scrape targets, each with `scrapeUrl`, `health` and `lastError`. */
    targets: async () => (await get('targets')).activeTargets,
  }
}
