import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'

// The grammars of the specifications, written down again: the receiving side must not be checked with our own parser.
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[0-3]$/
const MEMBER =
  /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/
const BAGGAGE_MEMBER =
  /^[!#$%&'*+\-.^_`|~\w]+\s*=\s*[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*(\s*;\s*[!#$%&'*+\-.^_`|~\w]+(\s*=\s*[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*)?)*$/

const VALID = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

interface Outgoing {
  readonly traceparent?: string
  readonly tracestate?: string
  readonly baggage?: string
}

function assertWellFormed({ traceparent, tracestate, baggage }: Outgoing): void {
  assert.match(traceparent ?? '', TRACEPARENT)
  if (tracestate !== undefined) {
    const members = tracestate.split(',').map((member) => member.trim())
    assert.ok(members.length <= 32)
    for (const member of members.filter((member) => member !== '')) assert.match(member, MEMBER)
  }
  if (baggage !== undefined)
    for (const member of baggage.split(',')) assert.match(member.trim(), BAGGAGE_MEMBER)
}

// What Node lets into a header value.
const headerText = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .map((code) => String.fromCharCode(code))
    .filter((c) => c !== '\x7f'),
  maxLength: 300,
})
const mutated = (valid: string) =>
  fc
    .tuple(
      fc.nat(valid.length),
      fc.nat(4),
      headerText.map((text) => text.slice(0, 4)),
    )
    .map(([at, remove, insert]) => valid.slice(0, at) + insert + valid.slice(at + remove))
const huge = fc
  .tuple(
    fc.constantFrom('a=1,', 'k=v;p,', ',', ' ', '=', '%', '%ff', 'a', ';', '\t', '-', '00-'),
    fc.integer({ min: 1_000, max: 65_536 }),
  )
  .map(([unit, times]) => unit.repeat(times).slice(0, 262_144))

const headers = fc.record(
  {
    traceparent: fc.oneof(
      fc.constant(VALID),
      mutated(VALID),
      headerText,
      fc.array(mutated(VALID), { minLength: 2, maxLength: 3 }),
    ),
    tracestate: fc.oneof(mutated('foo=1,bar@x=2, baz/*=a b'), headerText, huge),
    baggage: fc.oneof(mutated('user=alice;p=1,empty=,enc=%C3%A9'), headerText, huge),
  },
  { requiredKeys: [] },
)

for (const framework of ['express', 'fastify']) {
  describe(`malformed headers to ${framework}`, () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    let child: ChildProcess
    let port: number

    before(async () => {
      child = fork(join(import.meta.dirname, 'echo-app.mjs'), {
        execArgv: [],
        env: { ...process.env, FRAMEWORK: framework },
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      })
      const [message] = (await once(child, 'message')) as [{ port: number }]
      port = message.port
    })
    after(() => {
      agent.destroy()
      child.disconnect()
    })

    const ask = (sent: Record<string, string | string[]>) =>
      new Promise<{ status: number; outgoing: Outgoing }>((resolve, reject) => {
        get({ port, host: '127.0.0.1', agent, headers: sent }, (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk
          })
          response.on('end', () =>
            resolve({
              status: response.statusCode!,
              outgoing: response.statusCode === 200 ? JSON.parse(text) : {},
            }),
          )
        }).on('error', reject)
      })

    it('never give a 5xx and never leave in a malformed header', { timeout: 300_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(headers, async (sent) => {
          const defined = Object.entries(sent).filter(([, value]) => value !== undefined) as [
            string,
            string | string[],
          ][]
          const { status, outgoing } = await ask(Object.fromEntries(defined))
          // 400 is Node's own parser.
          assert.ok(status === 200 || status === 400, String(status))
          if (status === 200) assertWellFormed(outgoing)
        }),
        { numRuns: 1_500, verbose: 0, reporter: report },
      )
    })

    it('a valid context goes on: the trace id, the state and the baggage, byte for byte', async () => {
      const baggage = 'user=alice;p=1,empty=,enc=%C3%A9'
      const { outgoing } = await ask({ traceparent: VALID, tracestate: 'foo@=1,bar=2', baggage })
      assert.equal(outgoing.traceparent?.slice(3, 35), VALID.slice(3, 35))
      assert.equal(outgoing.tracestate, 'foo@=1,bar=2')
      assert.equal(outgoing.baggage, baggage)
    })
  })
}

function report<T>(result: fc.RunDetails<T>): void {
  console.log(`seed ${result.seed}, ${result.numRuns} runs`)
  if (result.failed) throw new Error(fc.defaultReportMessage(result) ?? 'failed')
}
