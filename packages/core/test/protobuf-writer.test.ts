import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ProtobufWriter } from '../dist/protobuf-writer.js'

// Someone else's writer and reader of the same format.
const { Reader } = createRequire(__filename)('protobufjs/minimal')

const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)

function written(write: (writer: ProtobufWriter) => void): Buffer {
  const writer = new ProtobufWriter(64)
  write(writer)
  return writer.written()
}

describe('ProtobufWriter', () => {
  it('writes numbers as protobufjs reads them', (t) => {
    t.diagnostic(`seed ${seed}`)
    const readSigned = (bytes: Buffer) => String(Reader.create(bytes).int64())
    const property = fc.property(
      fc.maxSafeInteger(),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.double(),
      (integer, unsigned, double) => {
        assert.equal(readSigned(written((writer) => writer.int64(integer))), String(BigInt(integer)))
        assert.equal(Reader.create(written((writer) => writer.uint32(unsigned))).uint32(), unsigned)
        assert.equal(Reader.create(written((writer) => writer.fixed32(unsigned))).fixed32(), unsigned)
        assert.ok(Object.is(Reader.create(written((writer) => writer.double(double))).double(), double))
      },
    )
    fc.assert(property, { seed, numRuns: 2_000 })
  })

  it('writes times as 64-bit nanoseconds', (t) => {
    t.diagnostic(`seed ${seed}`)
    const property = fc.property(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.integer({ min: 0, max: 999_999_999 }),
      (seconds, nanos) => {
        const bytes = written((writer) => writer.unixNanos(seconds, nanos))
        assert.equal(bytes.readBigUInt64LE(), BigInt(seconds) * 1_000_000_000n + BigInt(nanos))
      },
    )
    fc.assert(property, { seed, numRuns: 2_000 })
    assert.equal(
      written((writer) => writer.unixMs(1_795_411_000_123.5)).readBigUInt64LE(),
      1795411000123500000n,
    )
    for (const bad of [Number.NaN, -1, 2 ** 32, Infinity]) {
      assert.equal(written((writer) => writer.unixNanos(bad, 5)).readBigUInt64LE(), 0n)
    }
  })

  it('writes whole numbers as fixed64, and others as 0', () => {
    for (const value of [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      assert.equal(written((writer) => writer.fixed64(value)).readBigUInt64LE(), BigInt(value))
    }
    for (const bad of [-1, Number.NaN, Infinity, 2 ** 60]) {
      assert.equal(written((writer) => writer.fixed64(bad)).readBigUInt64LE(), 0n)
    }
  })

  it('makes the length fit whatever was guessed', () => {
    for (const guess of [0, 127, 128, 16_383, 16_384, 3_000_000]) {
      for (const length of [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
        const bytes = written((writer) => {
          writer.reserve(8)
          const start = writer.begin(guess)
          writer.bytes(Buffer.alloc(length, 7))
          writer.end(start, guess)
          writer.reserve(1)
          writer.byte(9)
        })
        const reader = Reader.create(bytes)
        assert.deepEqual(Buffer.from(reader.bytes()), Buffer.alloc(length, 7))
        assert.equal(reader.uint32(), 9)
        assert.equal(reader.pos, bytes.length)
      }
    }
  })

  it('refuses to grow without end', () => {
    assert.throws(() => new ProtobufWriter().text('x'.repeat(30 * 1024 * 1024)), RangeError)
  })
})
