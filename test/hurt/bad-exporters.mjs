// Exporters that break their contract, one way each, by name. What else they do is right.

const fail = (what) => {
  throw new Error(`${what} fails`)
}
const never = () => new Promise(() => {})
const delivered = { outcome: 'delivered' }

function encoder(parts = {}) {
  let count = 0
  const good = {
    append() {
      count++
    },
    byteLength: 10,
    take() {
      const batch = { bytes: new Uint8Array(10), itemCount: count }
      count = 0
      return batch
    },
  }
  return Object.defineProperties(good, Object.getOwnPropertyDescriptors(parts))
}

const transport = (parts) => ({
  destination: 'nowhere',
  timeoutMs: 50,
  send: async () => delivered,
  ...parts,
})

const traces = (parts) => ({
  traces: { transport: transport(), limits: { intervalMs: 20 }, createEncoder: () => encoder(), ...parts },
})
const encoding = (parts) => traces({ createEncoder: () => encoder(parts) })
const sending = (parts) => traces({ transport: transport(parts) })
const pushing = (parts) => ({
  metrics: {
    kind: 'push',
    temporality: 'delta',
    intervalMs: 30,
    transport: transport(),
    encode: () => [{ bytes: new Uint8Array(10), itemCount: 1 }],
    ...parts,
  },
})
const pulled = (parts) => ({
  metrics: { kind: 'pull', open: async () => undefined, close: async () => {}, ...parts },
})

/** Each starts, and then misbehaves. */
export const misbehaving = {
  'append throws': encoding({ append: () => fail('append') }),
  'byteLength throws': encoding({
    get byteLength() {
      return fail('byteLength')
    },
  }),
  'take throws': encoding({ take: () => fail('take') }),
  'take rejects': encoding({ take: async () => fail('take') }),
  'take returns nothing': encoding({ take: () => undefined }),
  'take returns a text': encoding({ take: () => ({ bytes: 'text', itemCount: 1 }) }),
  'send throws': sending({ send: () => fail('send') }),
  'send rejects': sending({ send: async () => fail('send') }),
  'send never settles': sending({ send: never }),
  'send settles twice': sending({
    send: () => ({
      // biome-ignore lint/suspicious/noThenProperty: that is the point
      then(resolve, reject) {
        resolve(delivered)
        resolve({ outcome: 'drop', reason: 'second' })
        reject(new Error('third'))
        fail('then')
      },
    }),
  }),
  'send returns nothing': sending({ send() {} }),
  'send returns a result that throws': sending({
    send: async () => ({
      get outcome() {
        return fail('outcome')
      },
    }),
  }),
  'send returns symbols': sending({
    send: async () => ({ outcome: 'drop', reason: Symbol('reason'), message: Symbol('message') }),
  }),
  'send drops without a reason': sending({ send: async () => ({ outcome: 'drop' }) }),
  'send asks to wait for a text': sending({
    send: async () => ({ outcome: 'retry', reason: 'later', afterMs: 'soon' }),
  }),
  'send rejects a bigint of items': sending({
    send: async () => ({ ...delivered, rejected: { itemCount: 3n, message: Symbol('message') } }),
  }),
  'timeoutMs is a text': sending({ timeoutMs: 'soon' }),
  'limits are NaN': traces({
    limits: { maxInFlight: Number.NaN, maxBatchItems: Number.NaN, intervalMs: 20 },
  }),
  'close throws': sending({ close: () => fail('close') }),
  'close rejects': sending({ close: async () => fail('close') }),
  'encode throws': pushing({ encode: () => fail('encode') }),
  'encode rejects': pushing({ encode: async () => fail('encode') }),
  'encode returns nonsense': pushing({
    encode: () => [{ bytes: new Uint8Array(1), itemCount: Number.NaN }, null],
  }),
  'metrics are never sent': pushing({ transport: transport({ send: never }) }),
  'open throws': pulled({ open: () => fail('open') }),
  'open rejects': pulled({ open: async () => fail('open') }),
  'open never settles': pulled({ open: never }),
  'open resolves to a number': pulled({ open: async () => 5 }),
  'closing throws': pulled({ close: () => fail('close') }),
  'closing rejects': pulled({ close: async () => fail('close') }),
  'closing never settles': pulled({ close: never }),
}

/** None of these can be started: `start()` throws a coded error. */
export const unusable = {
  'createEncoder throws': traces({ createEncoder: () => fail('createEncoder') }),
  'createEncoder rejects': traces({ createEncoder: async () => fail('createEncoder') }),
  'createEncoder returns nothing': traces({ createEncoder: () => undefined }),
  'no createEncoder': { traces: { transport: transport() } },
  'no transport': { traces: { createEncoder: () => encoder() } },
  'no send': traces({ transport: { destination: 'nowhere' } }),
  'limits are null': traces({ limits: null }),
  'a destination that throws': traces({
    transport: {
      ...transport(),
      get destination() {
        return fail('destination')
      },
    },
  }),
  'metrics of no kind': { metrics: { kind: 'poll' } },
  'nothing to open': { metrics: { kind: 'pull', close: async () => {} } },
  'nothing to encode with': { metrics: { kind: 'push', transport: transport() } },
}

/** A good one: counts what it gets. */
export function counting() {
  const good = sending({
    send: async ({ itemCount }) => {
      counted.items += itemCount
      return delivered
    },
  })
  const counted = { ...good, name: 'counting', items: 0 }
  return counted
}
