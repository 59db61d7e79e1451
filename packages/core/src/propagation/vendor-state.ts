import { type Context, createContextKey } from '@opentelemetry/api'

interface Kept<State> {
  /** The trace that it came with; `undefined`: whichever begins here. */
  readonly traceId: string | undefined
  readonly state: State
}

/** Where a propagator keeps what it received besides ids and sends on with them (a debug flag, an origin): in the context. */
export class VendorState<State> {
  readonly #key: symbol

  constructor(propagator: string) {
    this.#key = createContextKey(`Hashira Propagation ${propagator}`)
  }

  keep(context: Context, traceId: string | undefined, state: State): Context {
    return context.setValue(this.#key, { traceId, state } satisfies Kept<State>)
  }

  /** What came with this trace: another one that is begun in the same context does not get it. */
  of(context: Context, traceId: string): State | undefined {
    const kept = context.getValue(this.#key) as Kept<State> | undefined
    return kept !== undefined && (kept.traceId ?? traceId) === traceId ? kept.state : undefined
  }
}
