// What an instrumentation adds to the start of an app that loads Fastify and pino anyway: from spawn until it listens.
import { parseArgs } from 'node:util'
import { pinning, pinThisProcess } from '../lib/cores.mjs'
import { packedHashira } from '../lib/hashira.mjs'
import { serverNode } from '../lib/server-node.mjs'
import { median, orderOf, range } from '../lib/statistics.mjs'
import { fixed, table } from '../lib/table.mjs'
import { startServer } from '../request-overhead/server-process.mjs'
import { SinkProcess } from '../request-overhead/sink-process.mjs'
import { variants } from '../request-overhead/variants.mjs'

const { values: options } = parseArgs({
  options: {
    spawns: { type: 'string', default: '15' },
    framework: { type: 'string', default: 'fastify' },
    node: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (options.help) {
  console.log('--spawns 15  --framework fastify|express  --node PATH')
  process.exit(0)
}
const base = 'pino'
const node = await serverNode(options.node)
const hashira = await packedHashira()
let names = [base, 'hashira', 'otel-default', 'dd-trace'].filter(
  (name) => name !== 'hashira' || !hashira.missing,
)
if (hashira.missing) console.log(`Hashira is left out: ${hashira.missing}`)

pinThisProcess()
const sink = new SinkProcess()
try {
  const sinkUrl = await sink.open('startup')
  const runs = Object.fromEntries(names.map((name) => [name, { wallMs: [], cpuMs: [] }]))
  names = await startable(names, sinkUrl) // fills the caches of the file system as well
  for (let round = 0; round < Number(options.spawns); round++) {
    for (const { name, startMs, startCpuMs } of await spawnAll(orderOf(names, round), sinkUrl)) {
      runs[name].wallMs.push(startMs)
      runs[name].cpuMs.push(startCpuMs)
    }
  }
  console.log(
    `${options.framework} from spawn to listening, median of ${options.spawns} spawns; ${pinning}\n`,
  )
  console.log(
    table([
      ['variant', 'ms', 'min-max', 'added ms', 'CPU ms', 'added CPU ms'],
      ...names.map((name) => row(name, runs)),
    ]),
  )
} finally {
  sink.stop()
}

async function startable(candidates, sinkUrl) {
  const found = []
  for (const name of candidates) {
    try {
      await spawnAll([name], sinkUrl)
      found.push(name)
    } catch (error) {
      console.log(`${name} is left out: ${error.message}`)
    }
  }
  return found
}

async function spawnAll(order, sinkUrl) {
  const starts = []
  for (const name of order) {
    const ports = { sinkUrl, prometheusPort: 0 }
    const variant = variants[name]
    const server = await startServer({
      node,
      framework: options.framework,
      variant,
      hashiraFolder: hashira.folder,
      ports,
    })
    starts.push({ name, startMs: server.startMs, startCpuMs: server.startCpuMs })
    await server.stop('SIGKILL')
  }
  return starts
}

function row(name, runs) {
  const { wallMs, cpuMs } = runs[name]
  const { min, max } = range(wallMs)
  const added = (key) => median(runs[name][key].map((value, round) => value - runs[base][key][round]))
  return [
    name,
    fixed(median(wallMs), 0),
    `${fixed(min, 0)}-${fixed(max, 0)}`,
    name === base ? '-' : fixed(added('wallMs'), 0),
    fixed(median(cpuMs), 0),
    name === base ? '-' : fixed(added('cpuMs'), 0),
  ]
}
