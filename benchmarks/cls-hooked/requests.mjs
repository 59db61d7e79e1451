// One variant in a process of its own, because the hooks of cls-hooked stay on: `node requests.mjs VARIANT FOLDER REQUESTS`.
// A request sets two values, goes through promises, a timer phase and a bound callback, and reads one at each step.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [variant, folder, count] = process.argv.slice(2)
const requests = Number(count)
const require = createRequire(join(folder, 'noop.js'))
const names = {
  'cls-hooked': 'cls-hooked',
  observed: 'cls-hooked',
  '@hashira/cls-hooked': '@hashira/cls-hooked',
}
const namespace = variant === 'none' ? undefined : require(names[variant]).createNamespace('request')
if (variant === 'observed') require('@hashira/cls-hooked').observeNamespace(namespace, { fields: ['tenant'] })

const steps = 10
let wrong = 0

async function work(id, read, bind) {
  for (let step = 0; step < steps; step++) {
    await null
    if (read() !== id) wrong++
  }
  await new Promise((resolve) => setImmediate(resolve))
  if (read() !== id) wrong++
  await new Promise((resolve) => {
    const callback = bind(() => {
      if (read() !== id) wrong++
      resolve()
    })
    queueMicrotask(callback)
  })
}

function plain(id) {
  return work(
    id,
    () => id,
    (fn) => fn,
  )
}

function inNamespace(id) {
  return namespace.runPromise(() => {
    namespace.set('id', id)
    namespace.set('tenant', 'acme')
    return work(
      id,
      () => namespace.get('id'),
      (fn) => namespace.bind(fn),
    )
  })
}

const request = namespace === undefined ? plain : inNamespace

/** Eight requests at a time. */
async function serve(total) {
  for (let id = 0; id < total; id += 8) {
    await Promise.all(Array.from({ length: 8 }, (_, i) => request(id + i)))
  }
}

await serve(requests)
const before = process.cpuUsage()
await serve(requests)
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ microseconds: (user + system) / requests, wrong }))
