// `npm run test:w3c`: the official harness of https://github.com/w3c/trace-context against an Express and a Fastify service, with
// both ways to call out, at its strictest. Its folder (the one with `test.py`, or a checkout) is given by W3C_TRACE_CONTEXT_DIR, a Python with
// aiohttp by W3C_TRACE_CONTEXT_PYTHON (default python3).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePorts } from '../backends/free-ports.mjs'

const { W3C_TRACE_CONTEXT_DIR: given, W3C_TRACE_CONTEXT_PYTHON: python = 'python3' } = process.env
const folder = [given, given && join(given, 'test')].find((path) => path && existsSync(join(path, 'test.py')))
if (folder === undefined) {
  console.error(
    'test:w3c: set W3C_TRACE_CONTEXT_DIR to a checkout of https://github.com/w3c/trace-context, and W3C_TRACE_CONTEXT_PYTHON to a ' +
      `Python that has aiohttp; it is ${given === undefined ? 'not set' : `"${given}", which has no test.py`}`,
  )
  process.exit(1)
}

const EXPECTED = 41
let failed = false
for (const framework of ['express', 'fastify']) {
  for (const client of ['fetch', 'node:http']) {
    const { code, output } = await check(framework, client)
    const [, ran = '0'] = /^Ran (\d+) tests/m.exec(output) ?? []
    const passed = (output.match(/ \.\.\. ok$/gm) ?? []).length
    const isGreen = code === 0 && passed === EXPECTED
    console.log(
      `${framework}, ${client}: ${passed} of ${ran} passed${isGreen ? '' : `, ${EXPECTED} have to\n${output}`}`,
    )
    failed ||= !isGreen
  }
}
process.exit(failed ? 1 : 0)

async function check(framework, client) {
  const service = spawn(process.execPath, [join(import.meta.dirname, 'service.mjs'), framework, client], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [endpoint] = await once(createInterface({ input: service.stdout }), 'line')
    return await runHarness(endpoint)
  } finally {
    service.kill()
  }
}

/** Resolves to its exit code and all that it says. */
async function runHarness(endpoint) {
  const [port] = await freePorts(1)
  const env = {
    ...process.env,
    STRICT_LEVEL: '2',
    SPEC_LEVEL: '2',
    HARNESS_PORT: String(port),
    PYTHONDONTWRITEBYTECODE: '1',
  }
  const harness = spawn(python, ['test.py', endpoint], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [harness.stdout, harness.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [code] = await once(harness, 'close')
  return { code, output }
}
