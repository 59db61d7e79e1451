import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import fc from 'fast-check'
import { fingerprintOf, parseSegmentName, segmentName } from '../dist/spool-names.js'
import { isAlive, newOwner, releaseOwner } from '../dist/spool-owner.js'
import { SpoolSegment } from '../dist/spool-segment.js'
import { temporaryFolder } from './support/sockets'

const fingerprint = fingerprintOf('jaeger', 'traces', 'http://localhost:4318/v1/traces')
const records = fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(1_000)), { maxLength: 12 })
const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
let files = 0

async function written(folder: string, batches: [Uint8Array, number][]): Promise<string> {
  const path = join(folder, `${++files}.spool1`)
  const segment = await SpoolSegment.create(path, fingerprint)
  for (const [bytes, items] of batches) await segment.append(bytes, items)
  await segment.close()
  return path
}

async function readBack(path: string) {
  const segment = await SpoolSegment.open(path)
  const found = await segment.records(fingerprint)
  const batches: [Uint8Array | undefined, number][] = []
  for (const { place, items } of found.records) batches.push([await segment.read(place), items])
  await segment.close()
  return { batches, torn: found.torn }
}

const plain = (batches: (readonly [Uint8Array | undefined, number])[]) =>
  batches.map(([bytes, items]) => [bytes && Buffer.from(bytes).toString('hex'), items])

describe('segments', () => {
  before(() => console.log(`seed ${seed}`))

  test('what was written is read back', async () => {
    const folder = temporaryFolder()
    await fc.assert(
      fc.asyncProperty(records, async (batches) => {
        const { batches: found, torn } = await readBack(await written(folder, batches))
        assert.deepEqual(plain(found), plain(batches))
        assert.equal(torn, false)
      }),
      { seed, numRuns: 50 },
    )
  })

  test('cut anywhere: whole batches from the beginning, and it is said when something follows', async () => {
    const folder = temporaryFolder()
    await fc.assert(
      fc.asyncProperty(records, fc.nat(), async (batches, random) => {
        const path = await written(folder, batches)
        const bytes = readFileSync(path)
        const cut = random % (bytes.length + 1)
        writeFileSync(path, bytes.subarray(0, cut))
        const { batches: found, torn } = await readBack(path)
        assert.deepEqual(plain(found), plain(batches.slice(0, found.length)))
        const whole = 28 + found.reduce((sum, [one]) => sum + 20 + one!.length, 0)
        assert.equal(torn, cut !== whole)
      }),
      { seed, numRuns: 50 },
    )
  })

  test('any byte changed: never an exception, never something that was not written', async () => {
    const folder = temporaryFolder()
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (batches, random, change) => {
          const path = await written(folder, batches)
          const bytes = readFileSync(path)
          bytes[random % bytes.length]! ^= change
          writeFileSync(path, bytes)
          const { batches: found } = await readBack(path)
          const known = new Set(plain(batches).map((one) => JSON.stringify(one)))
          for (const one of plain(found)) if (one[0] !== undefined) assert.ok(known.has(JSON.stringify(one)))
        },
      ),
      { seed, numRuns: 100 },
    )
  })

  test('another fingerprint is another spool', async () => {
    const path = await written(temporaryFolder(), [[Buffer.from('a'), 1]])
    const segment = await SpoolSegment.open(path)
    const other = fingerprintOf('jaeger', 'logs', 'http://localhost:4318/v1/traces')
    assert.deepEqual(await segment.records(other), { records: [], torn: true })
    await segment.close()
  })
})

describe('who owns a segment', () => {
  const now = Date.now()
  const longAgo = now - 3_600_000

  test('is in its name', () => {
    const owner = newOwner()
    const name = segmentName(fingerprint, owner, 7)
    const expected = { name, fingerprint: fingerprint.toString('hex'), owner, number: 7 }
    assert.deepEqual(parseSegmentName(name), expected)
    assert.equal(parseSegmentName('notes.txt'), undefined)
    releaseOwner(owner)
  })

  test('this process, until it lets go; never an earlier one with the same id', () => {
    const owner = newOwner()
    assert.equal(isAlive(owner, longAgo), true)
    if (owner.started !== '0') assert.equal(isAlive({ ...owner, started: '1' }, now), false)
    releaseOwner(owner)
    assert.equal(isAlive(owner, now), false)
  })

  test('another process, for as long as it runs', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(child, 'spawn')
    const owner = { ...newOwner(), pid: child.pid!, started: '0' }
    assert.equal(isAlive(owner, longAgo), true)
    assert.equal(isAlive({ ...owner, started: '1' }, now), process.platform !== 'linux')
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.equal(isAlive(owner, now), false)
  })

  test('another thread or machine, for as long as it touches its files', () => {
    const owner = newOwner()
    for (const other of [
      { ...owner, thread: owner.thread + 1 },
      { ...owner, place: '00000000' },
    ]) {
      assert.equal(isAlive(other, now), true)
      assert.equal(isAlive(other, longAgo), false)
    }
  })
})

test('a segment that cannot be begun leaves no file and no descriptor', async () => {
  const folder = temporaryFolder()
  // Too long for a header, so that writing it fails, as on a full disk.
  const unwritable = Buffer.alloc(1_000)
  const descriptors = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0)
  const before = descriptors()
  for (let i = 0; i < 20; i++) {
    const path = join(folder, `${i}.spool1`)
    await assert.rejects(SpoolSegment.create(path, unwritable))
    assert.throws(() => SpoolSegment.createSync(path, unwritable))
  }
  assert.deepEqual(readdirSync(folder), [])
  assert.ok(descriptors() - before < 10, `${descriptors() - before} descriptors stayed open`)
})
