import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../free-ports.mjs'
import { inOwnFolder } from '../own-folder.mjs'
import { startServer } from '../start-server.mjs'

const host = '127.0.0.1'

/**
 * The trace receiver of the Datadog agent (`program`: the path of `main.go`, built). `v10: false`: it does not offer `/v1.0/traces`, as
 * the agent does by default. Returns `stop()` and, as plain JSON: `url`; `ratesUrl`, where a POST of
 * `[{ Service, Env, Rate }]` sets the rates that it answers with; `payloadsFile`, read by {@link readPayloads}.
 */
export function startAgent({ program, v10 = true }) {
  return inOwnFolder('datadog-agent', async (folder) => {
    const [port, controlPort] = await freePorts(2, host)
    const url = `http://${host}:${port}`
    const ratesUrl = `http://${host}:${controlPort}/rates`
    const payloadsFile = join(folder, 'payloads.jsonl')
    const { stop } = await startServer(program, [String(port), String(controlPort), payloadsFile], {
      log: join(folder, 'agent.log'),
      env: { V1: String(v10) },
      ready: async () =>
        (await fetch(`${url}/info`)).ok && (await fetch(ratesUrl, { method: 'POST', body: '[]' })).ok,
    })
    return { url, ratesUrl, payloadsFile, stop }
  })
}

/** What the agent decoded, oldest first: `{ kind: 'traces' | 'stats', … }` as `main.go` writes it. */
export function readPayloads(file) {
  if (!existsSync(file)) return []
  // The last line may be half written.
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line))
}
