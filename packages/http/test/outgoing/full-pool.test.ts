import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { instrumentOutgoing } from '@hashira/http'
import { tracer } from '@hashira/tracing'
import { SpanKind } from '@opentelemetry/api'
import { type Recording, recordSpans, until } from '../support/recorded'
import { type Backend, startBackend } from './support/backend'
import { type Dispatcher, globalFetch, undiciCalls, undiciVersions } from './support/clients'

const CALLS = 50
const CONNECTIONS = 2

let backend: Backend
let recording: Recording

before(async () => {
  backend = await startBackend(2)
  recording = recordSpans()
})

after(async () => {
  recording.stop()
  await backend.close()
})

/** Makes all calls at once, each under a span of its own, and checks who became the parent of whom. */
async function checkParents(call: (url: string) => Promise<unknown>): Promise<void> {
  recording.spans.length = 0
  backend.received.length = 0
  const undo = instrumentOutgoing()
  try {
    await Promise.all(
      Array.from({ length: CALLS }, (_, i) => tracer.span(`caller ${i}`, () => call(`${backend.url}/${i}`))),
    )
    await until(() => recording.spans.length === 2 * CALLS)
  } finally {
    undo()
  }
  const callers = new Map(recording.spans.map((span) => [span.spanId, span.name]))
  const clients = recording.spans.filter(({ kind }) => kind === SpanKind.CLIENT)
  for (const { attributes, parentSpanId } of clients) {
    const i = String(attributes['url.full']).split('/').at(-1)
    assert.equal(callers.get(parentSpanId ?? ''), `caller ${i}`)
  }
  const ids = new Map(clients.map((span) => [span.attributes['url.full'], span.spanId]))
  for (const { url, headers } of backend.received)
    assert.equal(headers['traceparent']?.slice(36, 52), ids.get(backend.url + url))
}

describe('with a full pool the parent is the context in which the call was made', () => {
  for (const { name, skip, load } of undiciVersions) {
    for (const [kind, callOf] of Object.entries(undiciCalls)) {
      it(`${name} ${kind}() over a Pool`, { skip }, async () => {
        const undici = load()
        const dispatcher = new undici.Pool(backend.url, { connections: CONNECTIONS })
        await checkParents((url) => callOf(undici)(url, { dispatcher }))
        await dispatcher.destroy()
      })
    }

    it(`${name} fetch() over an Agent`, { skip }, async () => {
      const undici = load()
      const dispatcher = new undici.Agent({ connections: CONNECTIONS })
      await checkParents((url) => undiciCalls['fetch']!(undici)(url, { dispatcher }))
      await dispatcher.destroy()
    })

    const composes = skip === false && load().interceptors !== undefined
    it(`${name} request() over a Pool composed before`, {
      skip: skip || (!composes && 'can not compose'),
    }, async () => {
      const undici = load()
      const pool = new undici.Pool(backend.url, { connections: CONNECTIONS })
      const dispatcher = pool.compose(undici.interceptors!.retry())
      await checkParents((url) => undiciCalls['request']!(undici)(url, { dispatcher }))
      await pool.destroy()
    })
  }

  it("Node's own fetch()", async () => {
    await globalFetch(backend.url)
    const restore = limitGlobalDispatcher()
    await checkParents(globalFetch)
    await restore()
  })

  it('node:http over an Agent', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
    await checkParents(
      (url) =>
        new Promise((resolve, reject) => {
          get(url, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject)
        }),
    )
    agent.destroy()
  })
})

/** Gives `fetch` few connections, as an app does with `setGlobalDispatcher`. */
function limitGlobalDispatcher(): () => Promise<void> {
  const holder = globalThis as unknown as Record<symbol, Dispatcher | undefined>
  const keys = [1, 2].map((n) => Symbol.for(`undici.globalDispatcher.${n}`))
  const former = keys.map((key) => holder[key])
  const current = holder[keys[1]!] ?? holder[keys[0]!]
  const limited = new (current!.constructor as new (options: object) => Dispatcher)({
    connections: CONNECTIONS,
  })
  for (const [i, key] of keys.entries()) if (former[i] === current) holder[key] = limited
  return async () => {
    for (const [i, key] of keys.entries()) if (former[i] !== undefined) holder[key] = former[i]
    await limited.destroy()
  }
}
