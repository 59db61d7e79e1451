// What Node's own interfaces carry; the rows of docs/context.md have the same names.
import assert from 'node:assert/strict'
import { AsyncResource } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { lookup } from 'node:dns'
import { EventEmitter, EventEmitterAsyncResource, on, once } from 'node:events'
import { readFile } from 'node:fs'
import {
  setImmediate as immediate,
  setInterval as interval,
  setTimeout as timeout,
} from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { bindContext, bindEmitter } from '@hashira/core'
import { callback, inRequest, request, row, runInOther } from './support.ts'

row('callbacks of Node: files, DNS, crypto, compression', async () => {
  assert.ok(await callback((done) => readFile(import.meta.filename, done)))
  assert.ok(await callback((done) => lookup('localhost', done)))
  assert.ok(await callback((done) => randomBytes(8, done)))
  assert.ok(await callback((done) => gzip('x', done)))
  await promisify(readFile)(import.meta.filename)
  assert.ok(inRequest())
})

row('timers', async () => {
  assert.ok(await callback((done) => setTimeout(done, 1)))
  assert.ok(await callback((done) => setImmediate(done)))
  assert.ok(
    await callback((done) => {
      const timer = setInterval(() => {
        clearInterval(timer)
        done()
      }, 1)
    }),
  )
  await timeout(1)
  await immediate()
  for await (const _ of interval(1)) break
  assert.ok(inRequest())
})

row('a timer that another request refreshes', async () => {
  const seen = callback((done) => {
    const timer = setTimeout(done, 5)
    runInOther(() => timer.refresh())
  })
  assert.ok(await seen)
})

row('event emitters: the caller of `emit`', async () => {
  const emitter = new EventEmitter()
  const seen: boolean[] = []
  emitter.on('event', () => seen.push(inRequest()))
  emitter.emit('event')
  runInOther(() => emitter.emit('event'))
  assert.deepEqual(seen, [true, false])
})

row('event emitters by hand: `bindEmitter`, `bindContext(listener)`', async () => {
  const seen: boolean[] = []
  const bound = bindEmitter(request, new EventEmitter())
  runInOther(() => bound.on('event', () => seen.push(inRequest())))
  const plain = new EventEmitter()
  plain.on(
    'event',
    bindContext(() => seen.push(inRequest())),
  )
  runInOther(() => {
    bound.emit('event')
    plain.emit('event')
  })
  assert.deepEqual(seen, [true, true])
})

row('`events.once` and `events.on`', async () => {
  const emitter = new EventEmitter()
  const emit = () => runInOther(() => setImmediate(() => emitter.emit('event')))
  emit()
  await once(emitter, 'event')
  assert.ok(inRequest())
  emit()
  for await (const _ of on(emitter, 'event')) break
  assert.ok(inRequest())
})

row('`EventTarget` and `AbortSignal`: the caller of `dispatchEvent` and `abort`', async () => {
  const controller = new AbortController()
  const seen: boolean[] = []
  controller.signal.addEventListener('abort', () => seen.push(inRequest()))
  runInOther(() => controller.abort())
  assert.deepEqual(seen, [false])
  const target = new EventTarget()
  target.addEventListener('event', () => seen.push(inRequest()))
  target.dispatchEvent(new Event('event'))
  assert.deepEqual(seen, [false, true])
})

row('`AsyncResource` and `EventEmitterAsyncResource`', async () => {
  const resource = new AsyncResource('job')
  const bound = AsyncResource.bind(() => inRequest())
  const emitter = new EventEmitterAsyncResource({ name: 'job' })
  let heard: boolean | undefined
  emitter.on('event', () => {
    heard = inRequest()
  })
  runInOther(() => {
    assert.ok(resource.runInAsyncScope(inRequest))
    assert.ok(bound())
    emitter.emit('event')
  })
  assert.equal(heard, true)
})

row('diagnostics channels: the publisher', async () => {
  const events = channel('hashira.test.context')
  const seen: boolean[] = []
  const subscriber = () => void seen.push(inRequest())
  runInOther(() => events.subscribe(subscriber))
  events.publish({})
  runInOther(() => events.publish({}))
  events.unsubscribe(subscriber)
  assert.deepEqual(seen, [true, false])
})
