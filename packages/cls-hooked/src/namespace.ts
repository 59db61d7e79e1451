import type { EventEmitter } from 'node:events'

/** What is set in a namespace for one chain of calls; it sees what is set in the one around it. */
export type NamespaceContext = Record<string, unknown>

// biome-ignore lint/suspicious/noExplicitAny: as in @types/cls-hooked
type Any = any

export type AnyFunction = (...args: never[]) => unknown

/** A namespace of cls-hooked 4: what it offers and what takes its place. */
export interface Namespace {
  readonly name?: string
  readonly active: Any
  set<T>(key: string, value: T): T
  get(key: string): Any
  run(fn: (...args: Any[]) => void): unknown
  runAndReturn<T>(fn: (...args: Any[]) => T): T
  runPromise<T>(fn: (...args: Any[]) => Promise<T>): Promise<T>
  bind<F extends AnyFunction>(fn: F, context?: Any): F
  bindEmitter(emitter: EventEmitter): void
  createContext(): Any
  enter(context: Any): void
  exit(context: Any): void
}
