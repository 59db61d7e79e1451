import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { collectMetrics } from '@hashira/core'
import { CounterRecorder, registry, useRegistry } from '@hashira/metrics-red'
import * as promClient from 'prom-client'
import { said } from './meters'

const isOld = Number(process.versions.node.split('.')[0]) < 22
const load = createRequire(__filename)
const isLoaded = () => Object.keys(load.cache).some((file) => /@prometheus-io.client/.test(file))

test('prom-client’s successor beside it', {
  skip: isOld && '@prometheus-io/client needs Node 22',
}, async (t) => {
  const values = async (name: string) =>
    (await collectMetrics()).families
      .filter((family) => family.name === name)
      .flatMap(({ points }) => points.map((point) => 'value' in point && point.value))

  await t.test('is not loaded by looking for it', async () => {
    const lines = await said(async () => assert.deepEqual(await values('late_total'), []))
    assert.deepEqual(lines, [])
    assert.equal(isLoaded(), false)
    assert.equal(registry, promClient.register)
  })

  const successor = load('@prometheus-io/client') as typeof promClient
  const late = new successor.Counter({ name: 'late_total', help: 'x' })
  late.inc(3)

  await t.test(
    'is read with the first collection after it was loaded, once, without a word while it is alone',
    async () => {
      const lines = await said(async () => {
        assert.deepEqual(await values('late_total'), [3])
        late.inc()
        assert.deepEqual(await values('late_total'), [4])
      })
      assert.deepEqual(lines, [])
    },
  )

  await t.test('shows our recorders in its own registry', async (s) => {
    const ours = new CounterRecorder({ name: 'test.ours', description: 'x', unit: '', attributeKeys: [] })
    s.after(() => ours.remove())
    ours.handle([]).add(1)
    assert.match(await successor.register.metrics(), /^test_ours_total 1$/m)
    assert.deepEqual(await values('test.ours'), [1])
    assert.deepEqual(await values('test_ours_total'), [])
  })

  await t.test('stays out once it was taken out', async () => {
    const stop = useRegistry(successor.register)
    stop()
    assert.deepEqual(await values('late_total'), [])
    assert.deepEqual(await values('late_total'), [])
    useRegistry(successor.register)
    assert.deepEqual(await values('late_total'), [4])
  })

  await t.test('is said once when both have metrics of the app, and both are served', async () => {
    new promClient.Counter({ name: 'older_total', help: 'x' }).inc(5)
    const lines = await said(async () => {
      assert.deepEqual(await values('older_total'), [5])
      assert.deepEqual(await values('late_total'), [4])
    })
    assert.equal(lines.length, 1)
    assert.match(
      lines[0] as string,
      /prom-client and @prometheus-io\/client are loaded, each with a registry of its own.*HASHIRA_REGISTRY_TWICE/,
    )
  })
})
