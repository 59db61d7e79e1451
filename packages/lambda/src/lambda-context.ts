/** What Hashira reads of the context that Lambda gives a handler. */
export interface LambdaContext {
  readonly functionName?: string | undefined
  readonly functionVersion?: string | undefined
  readonly invokedFunctionArn?: string | undefined
  readonly awsRequestId?: string | undefined
  /** Where one process serves several invocations at once, the variable of the process can't be theirs. */
  readonly xRayTraceId?: string | undefined
  getRemainingTimeInMillis?(): number
}

/** `arn:aws:lambda:<region>:<account>:function:<name>[:<alias or version>]` */
const ACCOUNT = 4
const QUALIFIER = 7

export function accountOf(arn: string | undefined): string | undefined {
  return arn?.split(':')[ACCOUNT] || undefined
}

/**
 * `cloud.resource_id`: not the ARN that was invoked, whose alias moves, but that of the version behind it (semantic
 * conventions, "AWS Lambda").
 */
export function resourceIdOf({ invokedFunctionArn, functionVersion }: LambdaContext): string | undefined {
  const parts = invokedFunctionArn?.split(':')
  if (parts === undefined || parts.length <= QUALIFIER) return invokedFunctionArn
  const name = parts.slice(0, QUALIFIER)
  const isNumbered = functionVersion !== undefined && functionVersion !== '$LATEST'
  return (isNumbered ? [...name, functionVersion] : name).join(':')
}

/** Milliseconds until Lambda ends the process; infinite where nobody says (a test that calls the handler by itself). */
export function remainingMs(context: LambdaContext): number {
  try {
    const remaining = context.getRemainingTimeInMillis?.()
    return typeof remaining === 'number' && !Number.isNaN(remaining) ? remaining : Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
