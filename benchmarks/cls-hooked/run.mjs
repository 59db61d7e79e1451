// What a namespace costs a request: none, cls-hooked, cls-hooked that is joined to Hashira, and what takes its place.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { command } from '../../test/backends/command.mjs'
import { onServerCore, pinning, pinThisProcess } from '../lib/cores.mjs'
import { installPacked } from '../lib/hashira.mjs'
import { serverNode } from '../lib/server-node.mjs'
import { median, orderOf, range } from '../lib/statistics.mjs'
import { fixed, table } from '../lib/table.mjs'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    requests: { type: 'string', default: '100000' },
    node: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (options.help) {
  console.log('--rounds 7  --requests 100000  --node PATH')
  process.exit(0)
}

const variants = ['none', 'cls-hooked', 'observed', '@hashira/cls-hooked']
const folder = join(import.meta.dirname, '..', 'node_modules', '.cls-hooked')
const node = await serverNode(options.node)
await installPacked(['@hashira/cls-hooked'], folder, ['cls-hooked@4.2.2'])
pinThisProcess()

const runs = Object.fromEntries(variants.map((name) => [name, []]))
for (let round = 0; round < Number(options.rounds); round++) {
  for (const name of orderOf(variants, round)) runs[name].push(await measure(name))
}
console.log(`${options.requests} requests, median of ${options.rounds} rounds; ${pinning}\n`)
console.log(table([['variant', 'CPU µs/request', 'min-max', 'added'], ...variants.map(row)]))

async function measure(name) {
  const program = join(import.meta.dirname, 'requests.mjs')
  const { microseconds, wrong } = JSON.parse(
    await command(...onServerCore(node, [program, name, folder, options.requests])),
  )
  if (wrong > 0) throw new Error(`${name} lost its context ${wrong} times`)
  return microseconds
}

function row(name) {
  const { min, max } = range(runs[name])
  const added = median(runs[name].map((value, round) => value - runs.none[round]))
  return [
    name,
    fixed(median(runs[name])),
    `${fixed(min)}-${fixed(max)}`,
    name === 'none' ? '-' : fixed(added),
  ]
}
