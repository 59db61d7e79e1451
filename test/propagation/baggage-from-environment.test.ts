import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { parseBaggage, rootContext, runInContext, withBaggage } from '@hashira/core'
import { start } from 'hashira'
import { close, listen } from '../../packages/http/test/support/client.ts'

const received: (string | undefined)[] = []
const backend = createServer((request, response) => {
  received.push(request.headers['baggage'] as string | undefined)
  response.end()
})
let port: number
before(async () => {
  port = await listen(backend)
})
after(() => close(backend))

/** The baggage header that an address of the inside, and one that is not, get. */
async function baggageAt(variable: string | undefined): Promise<(string | undefined)[]> {
  if (variable !== undefined) process.env['HASHIRA_PROPAGATE_BAGGAGE_TO'] = variable
  const hashira = start({ exporters: [], quiet: true, handleSignals: false })
  delete process.env['HASHIRA_PROPAGATE_BAGGAGE_TO']
  received.length = 0
  await runInContext(withBaggage(rootContext, parseBaggage('user=u1')!), async () => {
    for (const host of ['127.0.0.1', '0.0.0.0']) await (await fetch(`http://${host}:${port}/`)).text()
  })
  await hashira.shutdown()
  return [...received]
}

test('HASHIRA_PROPAGATE_BAGGAGE_TO names who outside sees baggage; without it nobody does', async () => {
  assert.deepEqual(await baggageAt(undefined), ['user=u1', undefined])
  assert.deepEqual(await baggageAt('partner.example, 0.0.0.0'), ['user=u1', 'user=u1'])
  assert.deepEqual(await baggageAt('partner.example'), ['user=u1', undefined])
})
