import type { Environment } from '@hashira/core'
import type { LambdaContext } from './lambda-context'

/** The environment as a whole, for options. */
export function environment(): Environment {
  return process.env
}

/** The X-Ray header of this invocation: the runtime sets the variable anew before each. */
export function traceHeader(context: LambdaContext): string | undefined {
  return context.xRayTraceId ?? process.env['_X_AMZN_TRACE_ID']
}

/** Whether the process was made for its first invocation, and not ahead of it (provisioned concurrency, SnapStart). */
export function isMadeOnDemand(): boolean {
  const type = process.env['AWS_LAMBDA_INITIALIZATION_TYPE']
  return type === undefined || type === 'on-demand'
}
