// Brings what the backends need into the cache, one after the other and the quickest first, so that a run only has to start them:
// `node test/backends/prepare.mjs`, or with the names of some. Where the variable HASHIRA_BACKENDS_MISSING names a file, it holds at
// every moment, as JSON, which backends are not there and why; `run.mjs` skips those without trying again.
import { renameSync, writeFileSync } from 'node:fs'
import { backendNames, loadBackend } from './backends.mjs'

const file = process.env.HASHIRA_BACKENDS_MISSING
const names = process.argv.length > 2 ? process.argv.slice(2) : backendNames
const backends = await Promise.all(names.map(async (name) => ({ name, ...(await loadBackend(name)) })))
backends.sort((a, b) => a.coldMinutes - b.coldMinutes)

const missing = Object.fromEntries(names.map((name) => [name, 'was not there in time']))
write()
for (const { name, get } of backends) {
  const startedAt = Date.now()
  try {
    const { path, version } = await get()
    delete missing[name]
    say(name, startedAt, `${version} (${path})`)
  } catch (error) {
    missing[name] = error.message
    say(name, startedAt, `missing: ${error.message}`)
    process.exitCode = 1
  }
  write()
}

function say(name, startedAt, text) {
  console.log(`${name}: ${text}, after ${Math.round((Date.now() - startedAt) / 1000)} s`)
}

// By rename: this program may be ended at any moment.
function write() {
  if (!file) return
  writeFileSync(`${file}.new`, JSON.stringify(missing))
  renameSync(`${file}.new`, file)
}
