import { ActiveRequests } from './active-requests'
import { ExtraLabel, type LabelSource } from './extra-labels'
import { checkLabelName } from './observe-options'
import { RedMetrics } from './red-metrics'
import type { RequestFacts } from './request-attributes'
import type { ServerOperation } from './server-operation'

/**
 * The RED metrics of one observer, with the labels that its options and routes add. The durations are made when its first request
 * ends, which is after whoever has labels of its own took the request over.
 */
export class Measurements<Request> {
  readonly #buckets: readonly number[] | undefined
  readonly #labels: Map<string, ExtraLabel<Request>>
  #active: ActiveRequests | undefined
  #metrics: RedMetrics | undefined
  #extra: readonly (ExtraLabel<Request> | undefined)[] = []

  constructor(
    buckets: readonly number[] | undefined,
    labels: Readonly<Record<string, LabelSource<Request>>>,
  ) {
    this.#buckets = buckets
    this.#labels = new Map(
      Object.entries(labels).map(([name, source]) => [name, new ExtraLabel<Request>(name, source)]),
    )
  }

  /** @throws HashiraError HASHIRA_OPTION_INVALID */
  declareLabel(owner: string, name: string): void {
    if (this.#labels.has(name)) return
    checkLabelName(owner, name)
    this.#labels.set(name, new ExtraLabel<Request>(name, () => undefined))
  }

  began({ method, scheme }: RequestFacts): void {
    this.#active ??= new ActiveRequests()
    this.#active.handle(method, scheme).add(1)
  }

  ended({ method, scheme }: RequestFacts): void {
    this.#active?.handle(method, scheme).add(-1)
  }

  record(
    operation: ServerOperation,
    request: Request,
    status: number | undefined,
    errorType: string | undefined,
    durationMs: number,
  ): void {
    const metrics = this.#created()
    const { facts, route, span } = operation
    const { method, version, scheme } = facts
    const handle =
      this.#extra.length === 0
        ? metrics.duration(method, route, status, scheme, errorType, version)
        : metrics.durationWith([
            method,
            route,
            status,
            scheme,
            errorType,
            version,
            ...this.#extraValues(operation, request),
          ])
    handle.record(durationMs / 1_000, span.spanContext())
  }

  #created(): RedMetrics {
    return this.#metrics ?? this.#create()
  }

  #create(): RedMetrics {
    this.#metrics = new RedMetrics(this.#buckets, [...this.#labels.keys()])
    this.#extra = this.#metrics.extraLabels.map((name) => this.#labels.get(name))
    return this.#metrics
  }

  #extraValues({ routeLabels }: ServerOperation, request: Request): (string | undefined)[] {
    return this.#extra.map((label) => {
      if (label === undefined) return undefined
      const own =
        routeLabels !== undefined && Object.hasOwn(routeLabels, label.name)
          ? routeLabels[label.name]
          : undefined
      if (own === undefined) return label.valueFor(request)
      return typeof own === 'function'
        ? label.valueFrom(own as (request: Request) => unknown, request)
        : label.bounded(own)
    })
  }
}
