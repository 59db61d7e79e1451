import { DdSketch } from './dd-sketch'

/** What spans are told apart by: datadog-agent `pkg/trace/stats/aggregation.go`. */
export interface StatisticsKey {
  readonly service: string
  readonly name: string
  readonly resource: string
  readonly type: string
  readonly kind: string
  readonly httpStatus: number
  readonly httpMethod: string
  readonly httpEndpoint: string
  readonly grpcStatus: string
  readonly isSynthetics: boolean
  readonly isTraceRoot: boolean
  /** `out.host:db`, in a stable order. */
  readonly peerTags: readonly string[]
}

export class StatisticsGroup {
  readonly key: StatisticsKey
  topLevelHits = 0
  durationNanos = 0
  readonly ok = new DdSketch()
  readonly errors = new DdSketch()

  constructor(key: StatisticsKey) {
    this.key = key
  }

  get hits(): number {
    return this.ok.count + this.errors.count
  }

  add(durationNanos: number, isError: boolean, isTopLevel: boolean): void {
    const duration = Math.max(durationNanos, 0)
    this.durationNanos += duration
    if (isTopLevel) this.topLevelHits++
    if (isError) this.errors.add(duration)
    else this.ok.add(duration)
  }

  matches(other: StatisticsKey): boolean {
    const { key } = this
    return (
      key.httpStatus === other.httpStatus &&
      key.name === other.name &&
      key.resource === other.resource &&
      key.service === other.service &&
      key.type === other.type &&
      key.kind === other.kind &&
      key.httpMethod === other.httpMethod &&
      key.httpEndpoint === other.httpEndpoint &&
      key.grpcStatus === other.grpcStatus &&
      key.isSynthetics === other.isSynthetics &&
      key.isTraceRoot === other.isTraceRoot &&
      key.peerTags.length === other.peerTags.length &&
      key.peerTags.every((tag, i) => tag === other.peerTags[i])
    )
  }
}
