import { parentPort } from 'node:worker_threads'
import { post, take } from './runtime-calls.mjs'

parentPort.on('message', async ({ next, path, body, done }) => {
  if (next) {
    const { event, headers } = await take()
    parentPort.postMessage({ bodyJson: JSON.stringify(event), headers })
    return
  }
  await post(path, body)
  Atomics.store(done, 0, 1)
  Atomics.notify(done, 0)
})
