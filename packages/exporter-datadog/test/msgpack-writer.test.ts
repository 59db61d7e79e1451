import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { MsgpackWriter } from '../dist/msgpack/msgpack-writer.js'
import { decodeAny } from './decode'
import { anyText } from './records'

function written(write: (writer: InstanceType<typeof MsgpackWriter>) => void) {
  const writer = new MsgpackWriter(1)
  writer.reserve(64)
  write(writer)
  return decodeAny(writer.written())
}

describe('MessagePack writer', () => {
  it('writes whole numbers in their shortest form', () => {
    const numbers = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]
    for (const value of numbers) assert.equal(Number(written((writer) => writer.uint(value))), value)
    for (const value of [-1, -32, -129, -(2 ** 31), -(2 ** 53) + 1])
      assert.equal(Number(written((writer) => writer.int(value))), value)
  })

  it('writes any number, text and list as somebody else reads it', () => {
    fc.assert(
      fc.property(fc.double(), anyText, fc.nat({ max: 70_000 }), (number, text, length) => {
        assert.ok(
          Object.is(
            written((writer) => writer.float(number)),
            number,
          ),
        )
        const utf8 = Buffer.from(text, 'utf8').toString('utf8')
        assert.equal(
          written((writer) => writer.text(text)),
          utf8,
        )
        assert.equal(
          written((writer) => writer.pair(new Uint8Array(0), text)),
          utf8,
        )
        const list = written((writer) => {
          writer.array(length)
          writer.reserve(length)
          for (let i = 0; i < length; i++) writer.byte(0xc0)
        })
        assert.equal(list.length, length)
      }),
      { numRuns: 200 },
    )
  })

  it('multiplies seconds to nanoseconds exactly', () => {
    const seconds = fc.integer({ min: 0, max: 2 ** 32 - 1 })
    const nanos = fc.integer({ min: -999_999_999, max: 999_999_999 })
    fc.assert(
      fc.property(seconds, nanos, (s, n) => {
        const expected = BigInt(s) * 1_000_000_000n + BigInt(n)
        const value = BigInt(written((writer) => writer.nanoseconds(s, n)))
        assert.equal(value, expected < 0n ? 0n : expected)
      }),
    )
  })

  it('reads ids of 64 bits from hex digits', () => {
    assert.equal(
      written((writer) => writer.hex64('ffffffffffffffff', 0)),
      2n ** 64n - 1n,
    )
    assert.equal(
      written((writer) => writer.hex64('0af7651916cd43dd8448EB211c80319c', 16)),
      0x8448eb211c80319cn,
    )
    assert.equal(BigInt(written((writer) => writer.hex64('12', 0))), 0n)
    assert.equal(BigInt(written((writer) => writer.hex64(undefined, 0))), 0n)
  })
})
