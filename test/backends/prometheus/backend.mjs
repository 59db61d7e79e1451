import { command } from '../command.mjs'

export const coldMinutes = 0

/** The Prometheus programs: `PROMETHEUS_BIN` and `PROMTOOL_BIN`, else those on the PATH. */
export async function get() {
  const path = process.env.PROMETHEUS_BIN || 'prometheus'
  const promtool = process.env.PROMTOOL_BIN || 'promtool'
  const [first] = (await command(path, ['--version'])).split('\n')
  await command(promtool, ['--version'])
  return { path, promtool, version: /version (\S+)/.exec(first)?.[1] ?? first }
}

/** Only the programs, `binary` and `promtool`: what is scraped is for each test to say, so each starts its own (`start.mjs`). */
export async function start() {
  const { path, promtool, version } = await get()
  return { version, given: { binary: path, promtool } }
}
