import { startPrometheus } from '../prometheus/start.mjs'
import { get } from './get.mjs'

export { get }
export const coldMinutes = 8

const flags = [
  '--web.enable-remote-write-receiver',
  '--web.enable-otlp-receiver',
  '--enable-feature=native-histograms,metadata-wal-records',
]

/** A Prometheus 3 that scrapes nothing and takes pushes: `binary`, `url`, `remoteWriteUrl` (1.0 and 2.0), `otlpUrl` (a base: `/v1/metrics`). */
export async function start() {
  const { path, version } = await get()
  const { url, stop } = await startPrometheus({ program: path, flags })
  const given = { binary: path, url, remoteWriteUrl: `${url}/api/v1/write`, otlpUrl: `${url}/api/v1/otlp` }
  return { version, given, stop }
}
