import { execFileSync } from 'node:child_process'
import { pinning, pinThisProcess } from '../lib/cores.mjs'
import { packedHashira } from '../lib/hashira.mjs'
import { serverNode } from '../lib/server-node.mjs'
import { measureFramework } from './measure.mjs'
import { readOptions } from './options.mjs'
import { report } from './report.mjs'
import { SinkProcess } from './sink-process.mjs'
import { variants } from './variants.mjs'

const options = readOptions(process.argv.slice(2))
const node = await serverNode(options.node)
const isHashira = (name) => variants[name].instrumentation === 'hashira'
const hashira = options.variants.some(isHashira) ? await packedHashira() : {}
const names = options.variants.filter((name) => !(hashira.missing && isHashira(name)))

const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
console.log(
  `Node ${version}; ${options.rounds} rounds of ${options.requests} requests, ${options.connections} connections; ${pinning}`,
)
if (hashira.missing) console.log(`Hashira is left out: ${hashira.missing}`)

pinThisProcess()
const sink = new SinkProcess()
try {
  for (const framework of options.frameworks) {
    const results = await measureFramework({
      framework,
      names,
      options,
      node,
      hashiraFolder: hashira.folder,
      sink,
      leaveOut: (name, error) => console.log(`\n${framework} ${name} is left out: ${error.message}`),
      progress: (line) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${line}`),
    })
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    console.log(`\n${framework}: CPU time of the server per request\n\n${report(results)}`)
    for (const { name, stderr, faults } of results)
      if (faults.length && stderr) console.log(`\n${name} wrote:\n${stderr}`)
    if (options.json) console.log(JSON.stringify({ framework, node: version, results }))
    if (results.some(({ faults }) => faults.length > 0)) process.exitCode = 1
  }
} finally {
  sink.stop()
}
