import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  BaggageList,
  baggageOf,
  extractContext,
  formatBaggage,
  injectHeaders,
  parseBaggage,
  rootContext,
  suppressTracing,
  withBaggage,
} from '@hashira/core'
import { baggageEntryMetadataFromString, propagation } from '@opentelemetry/api'

function passOn(baggage: string | string[]): string | undefined {
  let sent: string | undefined
  injectHeaders(extractContext({ baggage }), (name, value) => {
    assert.equal(name, 'baggage')
    sent = value
  })
  return sent
}

const decoded = (header: string, key: string) => parseBaggage(header)?.getEntry(key)?.value

describe('baggage (W3C Baggage)', () => {
  const TOKEN = "!#$%&'*+-.^_`|~09azAZ"
  const passedOn: [rule: string, header: string, sent: string | undefined][] = [
    ['one', 'user=alice', 'user=alice'],
    ['several, in their order', 'b=1,a=2,c=3', 'b=1,a=2,c=3'],
    ['white space around everything', ' a \t= 1 \t; p \t= 2 ; q \t,\t b = 2 ', 'a=1;p=2;q,b=2'],
    ['an empty value', 'a=,b=2', 'a=,b=2'],
    ['= in a value', 'a=b=c==', 'a=b=c=='],
    ['an encoded value', 'a=x%20y%2Cz', 'a=x%20y%2Cz'],
    ['lower-case percent digits', 'a=%c3%a9', 'a=%C3%A9'],
    ['what need not be encoded is not', 'a=%41/:?@[]{}', 'a=A/:?@[]{}'],
    ['+ is not a space', 'a=1+2', 'a=1+2'],
    ['all characters of a key, never decoded', `${TOKEN}=1,a%20b=2`, `${TOKEN}=1,a%20b=2`],
    ['keys are case-sensitive', 'a=1,A=2', 'a=1,A=2'],
    [
      'keys that are special in objects',
      '__proto__=1,constructor=2,9=3,1=4',
      '__proto__=1,constructor=2,9=3,1=4',
    ],
    ['of equal keys the last', 'a=1,b=2,a=3', 'a=3,b=2'],
    ['properties', 'a=1;p;q=x%20y;r=', 'a=1;p;q=x%20y;r='],
    ['empty members', ',a=1,, ,b=2,', 'a=1,b=2'],
    ['bytes that are not UTF-8 become U+FFFD', 'a=x%FFy', 'a=x%EF%BF%BDy'],
    ['% without two digits stays', 'a=1%zz%4', 'a=1%25zz%254'],
    ['empty', '', undefined],
    ['no =', 'a', undefined],
    ['no key', '=1', undefined],
    ['a key with a space', 'a b=1,c=2', 'c=2'],
    ['a key that is not a token', 'a(b)=1,"q"=1,a/b=1,é=1,c=2', 'c=2'],
    ['a value with a space', 'a=x y,c=2', 'c=2'],
    ['a value with a quote', 'a="x",c=2', 'c=2'],
    ['a value with a backslash', 'a=x\\y,c=2', 'c=2'],
    ['a value beyond ASCII', 'a=é,c=2', 'c=2'],
    ['a control character', 'a=x\u0000,c=2', 'c=2'],
    ['= only within a property', 'a;p=1,c=2', 'c=2'],
    ['a malformed property', 'a=1;p q,b=1;p="x",c=2', 'c=2'],
    ['a property without a key', 'a=1;=x,c=2', 'c=2'],
  ]
  for (const [rule, header, sent] of passedOn) {
    test(`${rule}: ${JSON.stringify(header)}`, () => assert.equal(passOn(header), sent))
  }

  test('values are decoded', () => {
    assert.equal(decoded('a=x%20y%2Cz', 'a'), 'x y,z')
    assert.equal(decoded('a=%E6%9F%B1', 'a'), '柱')
    assert.equal(decoded('a=%F0%9F%8E%8C', 'a'), '🎌')
    assert.equal(decoded('a=%C3%28', 'a'), '\uFFFD(')
    assert.equal(decoded('a=', 'a'), '')
    assert.equal(parseBaggage('a=1;p;q=x')?.getEntry('a')?.metadata?.toString(), 'p;q=x')
  })

  test('several headers are one', () => assert.equal(passOn(['a=1', 'b=2']), 'a=1,b=2'))

  test('is independent of traceparent', () => {
    const context = extractContext({ traceparent: 'bad', baggage: 'a=1' })
    assert.equal(baggageOf(context)?.getEntry('a')?.value, '1')
  })

  test('a single member of 8,192 bytes survives', () => {
    for (const filler of ['v', '/', ':', '=']) {
      const header = `key=${filler.repeat(8_188)}`
      assert.equal(header.length, 8_192)
      assert.equal(passOn(header), header)
    }
    const encoded = `key=${'%20'.repeat(2_729)}v`
    assert.equal(encoded.length, 8_192)
    assert.equal(passOn(encoded), encoded)
  })

  test('64 members and 8,192 bytes survive', () => {
    const members = Array.from(
      { length: 64 },
      (_, i) => `key${String(i).padStart(3, '0')}=${'v'.repeat(120)}`,
    )
    const header = `${members.join(',')}`
    const full = header + 'v'.repeat(8_192 - header.length)
    assert.equal(passOn(full), full)
  })

  test('beyond 8,192 bytes or 180 members whole members go', () => {
    const members = Array.from({ length: 200 }, (_, i) => `k${i}=1`)
    assert.equal(passOn(members.join(',')), members.slice(0, 180).join(','))
    const big = `a=1,b=${'v'.repeat(8_190)},c=3`
    assert.equal(passOn(big), 'a=1')
    assert.equal(passOn(`a=${'v'.repeat(8_191)}`), undefined)
  })

  test('what is set in code is encoded, and left out whole when it does not fit', () => {
    const baggage = propagation.createBaggage({
      text: { value: 'x y,"z"\\;%é柱' },
      lone: { value: 'a\uD800b' },
      'bad key': { value: '1' },
      'bad\r\nkey': { value: '1' },
      line: { value: 'a\r\nb: c' },
      huge: { value: 'v'.repeat(9_000) },
      swelling: { value: '柱'.repeat(1_000) },
      metadata: { value: '1', metadata: baggageEntryMetadataFromString('p; q=1') },
      injected: { value: '1', metadata: baggageEntryMetadataFromString('p,other=1') },
      last: { value: '' },
    })
    const header = formatBaggage(baggage)!
    assert.equal(
      header,
      'text=x%20y%2C%22z%22%5C%3B%25%C3%A9%E6%9F%B1,lone=a%EF%BF%BDb,line=a%0D%0Ab:%20c,metadata=1;p;q=1,last=',
    )
    assert.equal(decoded(header, 'text'), 'x y,"z"\\;%é柱')
    assert.equal(formatBaggage(propagation.createBaggage()), undefined)
    const notText = propagation.createBaggage({ a: { value: 7 as unknown as string } })
    assert.equal(formatBaggage(notText), undefined)
  })

  test('nothing is sent while tracing is suppressed', () => {
    const context = suppressTracing(withBaggage(rootContext, parseBaggage('a=1')!))
    injectHeaders(context, () => assert.fail('suppressed'))
  })

  test('baggage is immutable and speaks the interface of @opentelemetry/api', () => {
    const baggage = parseBaggage('a=1,b=2')!
    assert.equal(formatBaggage(baggage.setEntry('c', { value: '3' })), 'a=1,b=2,c=3')
    assert.equal(formatBaggage(baggage.removeEntry('a')), 'b=2')
    assert.equal(formatBaggage(baggage.removeEntries('a', 'b')), undefined)
    assert.deepEqual(baggage.clear().getAllEntries(), [])
    baggage.getEntry('a')!.value = 'changed'
    assert.equal(baggage.getEntry('a')!.value, '1')
    assert.equal(new BaggageList().getEntry('a'), undefined)
    assert.equal(propagation.getBaggage(extractContext({ baggage: 'a=1' }))?.getEntry('a')?.value, '1')
  })
})
