/** Values that break naive code, made anew each time: some are used up by looking at them. */
export const hostileValues: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  NaN: () => Number.NaN,
  'a BigInt': () => 2n ** 70n,
  'a Symbol': () => Symbol('x'),
  'a function': () => fail,
  'lone surrogates': () => 'a\ud800b\udfff',
  '64 MB of text': () => 'x'.repeat(2 ** 26),
  '64 MB in an array': () => new Array(2 ** 13).fill('x'.repeat(2 ** 13)),
  'a sparse array': () => new Array(2 ** 32 - 1),
  'a cyclic object': () => {
    const object: Record<string, unknown> = {}
    object['self'] = object
    return object
  },
  'a cyclic array': () => {
    const array: unknown[] = []
    array.push(array)
    return array
  },
  'an object 20,000 deep': () => {
    let object: object = {}
    for (let i = 0; i < 20_000; i++) object = { object }
    return object
  },
  'an array 20,000 deep': () => {
    let array: unknown[] = []
    for (let i = 0; i < 20_000; i++) array = [array]
    return array
  },
  'own __proto__ and constructor': () =>
    JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "a": 1}'),
  'throwing getters': () => Object.defineProperties({}, Object.fromEntries(KEYS.map((key) => [key, THROWS]))),
  'a throwing toJSON and toString': () => ({
    toJSON: fail,
    toString: fail,
    valueOf: fail,
    [Symbol.toPrimitive]: fail,
  }),
  'an error with throwing parts': () =>
    Object.defineProperties(new Error('x'), { stack: THROWS, name: THROWS }),
  'a throwing Proxy': () => new Proxy({}, HANDLER),
  'a throwing Proxy of an array': () => new Proxy([1, 2], { get: fail }),
  'a throwing Proxy of an error': () => new Proxy(new Error('x'), HANDLER),
  'a revoked Proxy': () => revoked({}),
  'a revoked Proxy of an array': () => revoked([]),
}

const KEYS = ['a', 'message', 'stack', 'name', 'code', 'context', 'attributes', 'kind', 'startTime', 'links']
const THROWS = { get: fail, enumerable: true }
const HANDLER = { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail }

function fail(): never {
  throw new Error('hostile')
}

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}
