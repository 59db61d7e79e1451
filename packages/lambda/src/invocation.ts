import { type Operation, type RequestFields, withOperation } from '@hashira/core'
import { type HashiraSpan, tracerProvider, trackOpenSpans } from '@hashira/tracing'
import { type Attributes, type Context, SpanStatusCode } from '@opentelemetry/api'
import { failedItemsOf } from './batch-failures'
import { statusOf } from './http-trigger'
import { countColdStart, recordInvocation } from './invocation-metrics'
import { accountOf, type LambdaContext, resourceIdOf } from './lambda-context'
import { parentOf } from './parent'
import { isMadeOnDemand, traceHeader } from './runtime-environment'
import { type Trigger, triggerOf } from './trigger'

const tracer = tracerProvider.getTracer('@hashira/lambda')
const openSpans = trackOpenSpans()
const running = new Set<Invocation>()
let isFirst = true

/** One call of the function: its span and its measurement. Ends once. */
export class Invocation implements Operation {
  readonly span: HashiraSpan
  /** The handler runs in it. */
  readonly context: Context
  readonly #trigger: Trigger
  readonly #metricAttributes: Attributes
  readonly #startMs = performance.now()
  #fields: RequestFields | undefined
  #isOver = false
  #error: { readonly thrown: unknown } | undefined

  constructor(event: unknown, context: LambdaContext) {
    const trigger = triggerOf(event)
    const isCold = isFirst && isMadeOnDemand()
    isFirst = false
    const { context: parent, links } = parentOf(trigger.headers, traceHeader(context))
    this.#trigger = trigger
    this.#metricAttributes = { 'faas.trigger': trigger.trigger }
    if (isCold) countColdStart(this.#metricAttributes)
    this.span = tracer.startSpan(
      trigger.name ?? context.functionName ?? 'invoke',
      {
        kind: trigger.kind,
        attributes: {
          'faas.invocation_id': context.awsRequestId,
          'faas.coldstart': isCold,
          'faas.trigger': trigger.trigger,
          'cloud.resource_id': resourceIdOf(context),
          'cloud.account.id': accountOf(context.invokedFunctionArn),
          'aws.lambda.invoked_arn': context.invokedFunctionArn,
          ...trigger.attributes,
        },
        links: [...(trigger.links ?? []), ...links],
      },
      parent,
    )
    this.context = withOperation(parent, this.span, this)
    running.add(this)
  }

  get fields(): RequestFields | undefined {
    return this.#fields
  }

  set fields(fields: RequestFields | undefined) {
    if (!this.#isOver) this.#fields = fields
  }

  recordError(error: unknown): void {
    if (this.#isOver) return
    this.#error ??= { thrown: error }
    this.span.fail(error)
  }

  failed(error: unknown): void {
    if (this.#isOver) return
    this.recordError(error)
    this.#end('error')
  }

  completed(result: unknown): void {
    if (this.#isOver) return
    const status = this.#trigger.trigger === 'http' ? statusOf(result) : undefined
    const failedItems = this.#trigger.trigger === 'http' ? 0 : failedItemsOf(result)
    if (status !== undefined) this.span.setAttribute('http.response.status_code', status)
    if (failedItems > 0) this.span.setAttribute('hashira.batch.failed_count', failedItems)
    if (status !== undefined && status >= 500) this.#isFailure(String(status))
    else if (failedItems > 0) this.#isFailure('batch_item_failures')
    else this.#end(this.#error === undefined ? undefined : 'error')
  }

  #isFailure(type: string): void {
    // What `recordError` was told is more.
    if (this.#error === undefined)
      this.span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR })
    this.#end(type)
  }

  /**
   * Lambda is about to end the process: what is open is ended now, children before parents. Where several invocations share
   * the process, only what is in this one's trace is.
   */
  timedOut(): void {
    if (this.#isOver) return
    const { traceId } = this.span.spanContext()
    for (const span of [...openSpans].reverse()) {
      if (running.size > 1 && span.spanContext().traceId !== traceId) continue
      if (span === this.span) continue
      endWithTimeout(span)
    }
    endWithTimeout(this.span)
    this.#end('timeout')
  }

  #end(errorType: string | undefined): void {
    this.#isOver = true
    this.#fields = undefined
    this.#error = undefined
    running.delete(this)
    this.span.end()
    recordInvocation((performance.now() - this.#startMs) / 1_000, this.#metricAttributes, errorType)
  }
}

function endWithTimeout(span: HashiraSpan): void {
  span.setAttribute('error.type', 'timeout').setStatus({ code: SpanStatusCode.ERROR, message: 'timeout' })
  span.end()
}
