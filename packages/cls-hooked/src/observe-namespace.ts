import { annotate, bindContext, describe, HashiraError } from '@hashira/core'
import type { AttributeValue } from '@opentelemetry/api'
import { bindListeners } from './bind-listeners'
import type { AnyFunction, Namespace } from './namespace'

export interface ObserveNamespaceOptions {
  /**
   * Which keys become fields of the request: a list of keys, or an object from keys to the names of the fields. Everything else in
   * the namespace stays there. Default none.
   */
  readonly fields?: readonly string[] | Readonly<Record<string, string>> | undefined
}

/**
 * Joins a namespace of `cls-hooked` (or of this package) to Hashira: values that are set under the allowed keys become fields of the
 * request (`annotate`: its spans and log lines from then on), and what `bind` and `bindEmitter` of the namespace carry keeps Hashira's context as well. Returns what undoes it.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID
 */
export function observeNamespace(namespace: Namespace, options: ObserveNamespaceOptions = {}): () => void {
  const fields = fieldNames(options.fields)
  const { set, bind, bindEmitter } = namespace
  const own = {
    set<T>(key: string, value: T): T {
      const result = set.call(namespace, key, value) as T
      const field = fields.get(key)
      if (field !== undefined && value !== null) annotate({ [field]: value as AttributeValue })
      return result
    },
    bind<F extends AnyFunction>(fn: F, context?: unknown): F {
      return bind.call(namespace, bindContext(fn), context) as F
    },
    bindEmitter(emitter: Parameters<Namespace['bindEmitter']>[0]): void {
      bindEmitter.call(namespace, emitter)
      bindListeners(emitter, namespace)
    },
  }
  const target = namespace as unknown as Record<string, unknown>
  Object.assign(target, own)
  return () => {
    for (const [name, method] of Object.entries(own)) {
      if (Object.hasOwn(target, name) && target[name] === method) Reflect.deleteProperty(target, name)
    }
  }
}

function fieldNames(given: unknown): ReadonlyMap<string, string> {
  if (given === undefined) return new Map()
  const entries = Array.isArray(given) ? given.map((key) => [key, key]) : entriesOf(given)
  const valid = entries?.every((entry) => entry.every((text) => typeof text === 'string' && text !== ''))
  if (entries === undefined || valid !== true) {
    throw new HashiraError(
      'HASHIRA_OPTION_INVALID',
      `observeNamespace(): option "fields" is ${describe(given)}, allowed is a list of keys, or an object from keys to names of fields`,
    )
  }
  return new Map(entries as [string, string][])
}

function entriesOf(given: unknown): unknown[][] | undefined {
  return typeof given === 'object' && given !== null ? Object.entries(given) : undefined
}
