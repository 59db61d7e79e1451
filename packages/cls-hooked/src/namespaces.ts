import assert from 'node:assert'
import { shared } from '@hashira/core'
import { HashiraNamespace } from './hashira-namespace'

/** `null` where one was destroyed, as cls-hooked has it. */
const namespaces = shared('cls.namespaces', () => new Map<string, HashiraNamespace | null>())

/** A namespace, in place of one of the same name. */
export function createNamespace(name: string): HashiraNamespace {
  assert(name, 'namespace must be given a name.')
  const namespace = new HashiraNamespace(name)
  namespaces.set(name, namespace)
  return namespace
}

/** The namespace that was created under `name`; `undefined` when none was, `null` when it was destroyed. */
export function getNamespace(name: string): HashiraNamespace | null | undefined {
  return namespaces.get(name)
}

/** @throws AssertionError when there is none */
export function destroyNamespace(name: string): void {
  assert(namespaces.get(name), `can't delete nonexistent namespace! "${name}"`)
  namespaces.set(name, null)
}

/** Destroys every namespace. */
export function reset(): void {
  namespaces.clear()
}
