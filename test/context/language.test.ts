// What the language itself carries; the rows of docs/context.md have the same names.
import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { inRequest, row, runInOther } from './support.ts'

row('promises, async and await', async () => {
  await null
  assert.ok(inRequest())
  assert.ok(await Promise.resolve().then(inRequest))
  const [all] = await Promise.all([Promise.resolve().then(inRequest)])
  assert.ok(all)
  assert.ok(await Promise.reject(new Error('x')).catch(inRequest))
  assert.ok(await new Promise((resolve) => Promise.resolve().finally(() => resolve(inRequest()))))
})

row('`then` of a promise that another request settles', async () => {
  let settle: (() => void) | undefined
  const promise = runInOther(() => new Promise<void>((resolve) => (settle = resolve)))
  const seen = promise.then(inRequest)
  runInOther(() => settle?.())
  assert.ok(await seen)
})

row('thenables (query builders)', async () => {
  const seen: boolean[] = []
  const query = {
    // biome-ignore lint/suspicious/noThenProperty: that is what the row is about
    then(done: (value: string) => void) {
      seen.push(inRequest())
      setTimeout(() => done('rows'), 1)
    },
  }
  assert.equal(await query, 'rows')
  seen.push(inRequest())
  assert.deepEqual(seen, [true, true])
})

row('`queueMicrotask` and `process.nextTick`', async () => {
  assert.ok(await new Promise((resolve) => queueMicrotask(() => resolve(inRequest()))))
  assert.ok(await new Promise((resolve) => process.nextTick(() => resolve(inRequest()))))
})

row('generators: the caller of `next()`', async () => {
  function* places() {
    yield inRequest()
    yield inRequest()
  }
  const generator = places()
  assert.equal(generator.next().value, true)
  assert.equal(
    runInOther(() => generator.next().value),
    false,
  )
})

row('async generators: the first caller of `next()`, then every caller for itself', async () => {
  async function* places() {
    yield inRequest()
    await null
    yield inRequest()
  }
  for await (const seen of places()) assert.ok(seen)
  assert.ok(inRequest())
  const generator = places()
  await generator.next()
  const there = await runInOther(() => generator.next())
  assert.equal(there.value, false)
  assert.ok(inRequest(), 'the loop around it keeps its own')
})

row('dynamic `import()`', async () => {
  await import('./support.ts')
  assert.ok(inRequest())
})

row('`FinalizationRegistry`', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const seen: boolean[] = []
  const registry = new FinalizationRegistry(() => seen.push(inRequest()))
  const make = () => registry.register({ some: 'object' }, undefined)
  make()
  while (seen.length === 0) {
    await new Promise(setImmediate)
    runInOther(collect)
  }
  assert.deepEqual(seen, [false])
})
