export type { LambdaContext } from './lambda-context'
export { observe } from './observe'
export type { LambdaObserveOptions } from './options'
