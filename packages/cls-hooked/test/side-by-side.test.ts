// The same programs with cls-hooked and with this package: the same results.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { readFile } from 'node:fs'
import { describe, test } from 'node:test'
import type { Namespace } from 'cls-hooked'
import { libraries, thrown } from './libraries'

type Cls = (typeof libraries)[number][1]
type Program = (cls: Cls, ns: Namespace) => unknown

const soon = (fn: () => void) => void setTimeout(fn, 1)

const programs: Record<string, Program> = {
  'run: its own context, which is returned, inside the one around it': (_, ns) => {
    const seen: unknown[] = []
    const outer = ns.run(() => {
      ns.set('a', 1)
      ns.run((context) => {
        seen.push(ns.get('a'), ns.set('a', 2), ns.get('a'), ns.active === context)
        ns.set('b', 3)
      })
      seen.push(ns.get('a'), ns.get('b'))
    }) as unknown as Record<string, unknown>
    return [seen, outer['a'], outer['b'], ns.active ?? null, ns.get('a')]
  },

  'runAndReturn returns, run does not': (_, ns) => [
    ns.runAndReturn(() => 7),
    typeof ns.run(() => 7 as never),
    ns.runAndReturn(() => ns.set('k', 'v')),
  ],

  'runPromise: a value, a rejection, and something that is no promise': async (_, ns) => {
    const value = await ns.runPromise(async () => {
      ns.set('a', 1)
      await null
      return ns.get('a')
    })
    const error = await ns
      .runPromise(async () => {
        ns.set('a', 2)
        await null
        throw new Error('no')
      })
      .catch((error: Error) => error)
    const context = (ns as unknown as { fromException(e: unknown): Record<string, unknown> }).fromException(
      error,
    )
    return [
      value,
      (error as unknown as Error).message,
      context['a'],
      thrown(() => ns.runPromise((() => 1) as never)),
    ]
  },

  'callbacks, timers, promises and ticks': (_, ns) =>
    ns.runAndReturn(async () => {
      ns.set('id', 1)
      const get = () => ns.get('id')
      return [
        await new Promise((resolve) => readFile(__filename, () => resolve(get()))),
        await new Promise((resolve) => setTimeout(() => resolve(get()), 1)),
        await new Promise((resolve) => setImmediate(() => resolve(get()))),
        await new Promise((resolve) => process.nextTick(() => resolve(get()))),
        await Promise.resolve().then(get),
      ]
    }),

  'runs that overlap keep their own': (_, ns) =>
    Promise.all(
      [1, 2, 3].map((id) =>
        ns.runAndReturn(async () => {
          ns.set('id', id)
          await new Promise((resolve) => setTimeout(resolve, 4 - id))
          return ns.get('id')
        }),
      ),
    ),

  'bind: the context it is bound in, one that it is given, or a new one': (_, ns) => {
    const seen: unknown[] = []
    let bound: (...args: number[]) => void = () => {}
    ns.run(() => {
      ns.set('a', 1)
      bound = ns.bind(function (this: unknown, ...args: number[]) {
        seen.push(ns.get('a'), args, this === seen)
      })
    })
    bound.call(seen, 4, 5)
    ns.run(() => {
      ns.set('a', 2)
      bound()
      seen.push(ns.get('a'))
    })
    const given = ns.createContext()
    given['a'] = 3
    ns.bind(() => seen.push(ns.get('a')), given)()
    ns.bind(() => seen.push(ns.set('a', 4), ns.get('a')))()
    seen.push(ns.get('a'))
    return seen
  },

  'bindEmitter: listeners in the context in which they were added; removed and listed as themselves': (
    _,
    ns,
  ) => {
    const seen: unknown[] = []
    const emitter = new EventEmitter()
    ns.bindEmitter(emitter)
    ns.bindEmitter(emitter)
    const removed = () => seen.push('removed')
    ns.run(() => {
      ns.set('who', 'first')
      emitter.on('event', () => seen.push(ns.get('who')))
      emitter.once('event', () => seen.push(`once ${ns.get('who')}`))
      emitter.on('event', removed)
      emitter.once('event', removed)
    })
    ns.run(() => {
      ns.set('who', 'second')
      emitter.addListener('event', (...args) => seen.push(ns.get('who'), ...args))
    })
    emitter.on('event', () => seen.push(ns.get('who') ?? 'nobody'))
    emitter.removeListener('event', removed)
    emitter.removeListener('event', removed)
    const count = emitter.listenerCount('event')
    ns.run(() => {
      ns.set('who', 'emitter')
      emitter.emit('event', 7)
    })
    emitter.emit('event', 8)
    return [count, seen, emitter.listeners('event').includes(removed)]
  },

  'enter and exit, in the order they were entered in and in another one': (_, ns) => {
    const seen: unknown[] = []
    const [a, b] = [ns.createContext(), ns.createContext()]
    a['is'] = 'a'
    b['is'] = 'b'
    ns.enter(a)
    seen.push(ns.get('is'))
    ns.enter(b)
    seen.push(ns.get('is'))
    ns.exit(b)
    seen.push(ns.get('is'))
    ns.exit(a)
    seen.push(ns.active ?? null)
    ns.enter(a)
    ns.enter(b)
    ns.exit(a)
    seen.push(ns.get('is'))
    ns.exit(b)
    seen.push(ns.active ?? null)
    return seen
  },

  'enter is followed by what is started after it': (_, ns) =>
    new Promise((resolve) => {
      const context = ns.createContext()
      ns.enter(context)
      ns.set('id', 1)
      soon(() => resolve(ns.get('id')))
      ns.exit(context)
    }),

  'errors remember their context': (_, ns) => {
    const failing = () => {
      ns.set('a', 1)
      throw new RangeError('bad')
    }
    const fromException = (error: unknown) =>
      (ns as unknown as { fromException(e: unknown): Record<string, unknown> }).fromException(error)
    return [() => ns.run(failing), ns.bind(failing)].map((attempt) => {
      try {
        attempt()
        return undefined
      } catch (error) {
        return [(error as Error).message, fromException(error)['a'], ns.active ?? null]
      }
    })
  },

  misuse: (cls, ns) => [
    thrown(() => ns.set('a', 1)),
    ns.get('a'),
    thrown(() => ns.exit({})),
    thrown(() => ns.enter(undefined)),
    thrown(() => cls.createNamespace('')),
    thrown(() => cls.destroyNamespace('nowhere')),
  ],

  'namespaces by name': (cls) => {
    const a = cls.createNamespace('a')
    const b = cls.createNamespace('b')
    const seen: unknown[] = [cls.getNamespace('a') === a, cls.getNamespace('c')]
    a.run(() => {
      a.set('k', 1)
      b.run(() => b.set('k', 2))
      seen.push(a.get('k'), b.get('k'))
    })
    cls.destroyNamespace('a')
    seen.push(cls.getNamespace('a'))
    // cls-hooked's own reset() throws while there is one that was destroyed.
    cls.createNamespace('a')
    cls.reset()
    seen.push(cls.getNamespace('b'))
    return seen
  },
}

describe('the same program, the same result', () => {
  for (const [name, program] of Object.entries(programs)) {
    test(name, async () => {
      const results = []
      for (const [, cls] of libraries) results.push(await program(cls, cls.createNamespace('test')))
      const [original, ours] = results
      assert.notEqual(original, undefined)
      assert.deepEqual(ours, original)
    })
  }
})
