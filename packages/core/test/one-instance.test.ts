import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import * as core from '@hashira/core'

type Core = typeof core
const require = createRequire(__filename)
const dist = dirname(require.resolve('@hashira/core'))
const copies: string[] = []

/** A second installed copy: the same build in another folder. */
function installedCopy(): Core {
  const folder = mkdtempSync(join(tmpdir(), 'hashira-copy-'))
  copies.push(folder)
  cpSync(dist, join(folder, 'dist'), { recursive: true })
  mkdirSync(join(folder, 'node_modules', '@opentelemetry'), { recursive: true })
  const api = join(require.resolve('@opentelemetry/api').split('@opentelemetry')[0]!, '@opentelemetry', 'api')
  symlinkSync(api, join(folder, 'node_modules', '@opentelemetry', 'api'), 'dir')
  return require(join(folder, 'dist', 'index.js')) as Core
}
after(() => {
  for (const folder of copies) rmSync(folder, { recursive: true, force: true })
})

describe('one instance', () => {
  test('import and require give the same functions', async () => {
    const face = (await import(pathToFileURL(join(dist, 'index.mjs')).href)) as Core
    const built = require('@hashira/core') as Core
    assert.deepEqual(
      Object.keys(face).sort(),
      Object.keys(built)
        .filter((name) => name !== '__esModule')
        .sort(),
    )
    for (const name of Object.keys(face) as (keyof Core)[]) assert.equal(face[name], built[name], name)
  })

  test('two installed copies share the context, the propagator, the sources, the faults and the service', async () => {
    const other = installedCopy()
    assert.notEqual(other.activeContext, core.activeContext)
    const context = core.rootContext.setValue(Symbol.for('x'), 1)
    core.runInContext(context, () => assert.equal(other.activeContext(), context))

    const operation = { recordError: () => undefined }
    other.runInContext(other.withOperation(other.rootContext, undefined, operation), () =>
      assert.equal(core.operationOf(), operation),
    )

    const before = core.currentPropagator()
    other.setPropagator(other.createPropagator(['none']).propagator)
    assert.notEqual(core.currentPropagator(), before)
    other.setPropagator(before)

    other.countFault('copies')
    assert.equal(core.faultCounts().get('copies'), 1)

    other.setResource({ attributes: new other.AttributeList(['service.name', 'shop']) })
    assert.equal(core.serviceIdentity()?.name, 'shop')

    const remove = other.addMetricSource({ name: 'copy', collect: () => Promise.reject(new Error('x')) })
    assert.deepEqual(
      (await core.collectMetrics()).failures.map(({ name }) => name),
      ['copy'],
    )
    remove()

    assert.equal(core.isHashiraError(new other.HashiraError('HASHIRA_PORT_BUSY', 'x')), true)
  })

  test('what one copy parsed the other one sends', () => {
    const other = installedCopy()
    const headers = {
      traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
      tracestate: 'a=1',
      baggage: 'b=2',
    }
    const sent: Record<string, string> = {}
    core.injectHeaders(other.extractContext(headers), (name, value) => {
      sent[name] = value
    })
    assert.deepEqual(sent, headers)
  })
})
