export { HashiraNamespace } from './hashira-namespace'
export type { AnyFunction, Namespace, NamespaceContext } from './namespace'
export { createNamespace, destroyNamespace, getNamespace, reset } from './namespaces'
export { type ObserveNamespaceOptions, observeNamespace } from './observe-namespace'
