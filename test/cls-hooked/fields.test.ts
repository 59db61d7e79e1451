// Values of a namespace, cls-hooked's and ours, on the spans and log lines of an observed request.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import * as ours from '@hashira/cls-hooked'
import { observeServer } from '@hashira/http'
import { createLogger } from '@hashira/logs'
import { tracer } from '@hashira/tracing'
import { ask, listen, observedServers } from '../frameworks/observed.ts'

const observed = observedServers()
const original = createRequire(import.meta.url)('cls-hooked') as typeof import('cls-hooked')

for (const [name, cls] of [
  ['cls-hooked', original],
  ['@hashira/cls-hooked', ours as unknown as typeof original],
] as const) {
  test(`allowed values of a ${name} namespace are on the request's spans and log lines`, async () => {
    const lines: Record<string, unknown>[] = []
    const log = createLogger({}, { write: (line: string) => void lines.push(JSON.parse(line)) })
    const session = cls.createNamespace(`fields of ${name}`)
    ours.observeNamespace(session, { fields: { tenant: 'tenant.id', user: 'user' } })
    const server = createServer((_, response) => {
      log.info('before')
      session.run(() => {
        session.set('tenant', 'acme')
        session.set('user', 7)
        session.set('password', 'secret')
        setTimeout(() => {
          tracer.span('later', () => log.info({ password: undefined }, 'after'))
          response.end(String(session.get('password')))
        }, 1)
      })
    })
    observeServer(server)
    observed.closeServer(server)
    const { body } = await ask(await listen(server), '/')
    assert.equal(body, 'secret')
    await observed.serverSpans(1)
    for (const { attributes } of observed.spans) {
      assert.equal(attributes['tenant.id'], 'acme')
      assert.equal(attributes['user'], 7)
    }
    assert.equal(observed.spans.length, 2)
    const [before, after] = lines
    assert.equal(before?.['tenant.id'], undefined)
    assert.equal(after?.['tenant.id'], 'acme')
    assert.equal(after?.['user'], 7)
    assert.equal(JSON.stringify([observed.spans, lines]).includes('secret'), false)
  })
}
