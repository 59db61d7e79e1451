// Where a context has to be handed over by hand; the rows of docs/context.md have the same names.
import assert from 'node:assert/strict'
import { execFile, fork } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MessageChannel, Worker } from 'node:worker_threads'
import { contextCarrier, runWithCarrier, spanOf } from '@hashira/core'
import { inRequest, row, runInOther } from './support.ts'

const program = join(import.meta.dirname, 'worker.mjs')
const handed = { alone: 'none', handed: '2'.repeat(16) }

row('`worker_threads`', async () => {
  const worker = new Worker(program, { workerData: contextCarrier(), execArgv: [] })
  const [answer] = await once(worker, 'message')
  assert.deepEqual(answer, handed)
  assert.ok(inRequest(), 'the answer comes back into the request by await')
  await worker.terminate()
})

row('child processes', async () => {
  const env = { ...process.env, CARRIER: JSON.stringify(contextCarrier()) }
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env })
  assert.deepEqual(JSON.parse(stdout), handed)
  const child = fork(program, { execArgv: [] })
  await once(child, 'message')
  child.send(contextCarrier())
  const [answer] = await once(child, 'message')
  assert.deepEqual(answer, { ...handed, isClusterWorker: false })
  await once(child, 'exit')
})

row('`cluster`', async () => {
  cluster.setupPrimary({ exec: program, execArgv: [] })
  const worker = cluster.fork()
  await once(worker, 'message')
  worker.send(contextCarrier())
  const [answer] = await once(worker, 'message')
  assert.deepEqual(answer, { ...handed, isClusterWorker: true })
  await once(worker, 'exit')
})

row('`MessagePort`: not the sender', async () => {
  const { port1, port2 } = runInOther(() => new MessageChannel())
  const seen = new Promise((resolve) => {
    runInOther(() =>
      port2.once('message', (carrier) =>
        resolve([inRequest(), runWithCarrier(carrier, () => spanOf()?.spanContext().spanId)]),
      ),
    )
  })
  port1.postMessage(contextCarrier())
  assert.deepEqual(await seen, [false, handed.handed])
  port1.close()
})

row('messages of a queue', async () => {
  const message = JSON.stringify({ headers: contextCarrier(), body: 'job' })
  const consumed = runInOther(() => {
    const { headers } = JSON.parse(message)
    return runWithCarrier(headers, () => spanOf()?.spanContext())
  })
  assert.equal(consumed?.spanId, handed.handed)
  assert.equal(consumed?.isRemote, true)
})
