import {
  type Context,
  isSpanContextValid,
  type Span,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  type TraceState,
} from '@opentelemetry/api'
import { baggageOf, spanOf, withBaggage, withSpan } from '../context'
import { countFault, warnOnce } from '../diagnostics'
import { BaggageList } from './baggage-list'
import { CompositePropagator } from './composite-propagator'
import { isSameTrace } from './ids'
import { withTraceState } from './remote-span'
import { joinedTraceState } from './trace-state'

/** A propagator with its name in `OTEL_PROPAGATORS`. */
export interface NamedPropagator {
  readonly name: string
  readonly propagator: TextMapPropagator
}

interface Found {
  readonly context: Context
  /** The remote span, and who found it. */
  readonly span: Span | undefined
  readonly finder: string
  /** One before it had something to say about a trace, but none. */
  readonly isAfterHint: boolean
}

/**
 * Several propagators that each may find a trace. They are tried in their order, and the first that finds one gives the parent.
 * A later one that finds the same trace adds what it knows (trace state, vendor state); one that finds another trace is said
 * once and counted (`propagation_conflict`), and nothing of its trace is used. Baggage of all is put together, the first item
 * of a name wins.
 */
export class FirstTracePropagator implements TextMapPropagator {
  readonly #named: readonly NamedPropagator[]
  readonly #all: CompositePropagator

  constructor(named: readonly NamedPropagator[]) {
    this.#named = named
    this.#all = new CompositePropagator(named.map(({ propagator }) => propagator))
  }

  get prefixes(): readonly string[] {
    return this.#all.prefixes
  }

  get families(): readonly (readonly string[])[] {
    return this.#all.families
  }

  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    this.#all.inject(context, carrier, setter)
  }

  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    const found = extractInOrder(this.#named, context, carrier, getter)
    if (!found.isAfterHint) return found.context
    // Whoever finds a trace comes before those that only have a word to say about one (a debug id): they shall see it.
    const isFinder = ({ name }: NamedPropagator) => name === found.finder
    const order = [...this.#named.filter(isFinder), ...this.#named.filter((named) => !isFinder(named))]
    return extractInOrder(order, context, carrier, getter).context
  }

  fields(): string[] {
    return this.#all.fields()
  }
}

function extractInOrder<Carrier>(
  named: readonly NamedPropagator[],
  given: Context,
  carrier: Carrier,
  getter: TextMapGetter<Carrier>,
): Found {
  let found: Found = { context: given, span: undefined, finder: '', isAfterHint: false }
  for (const { name, propagator } of named) {
    try {
      found = combined(found, name, propagator.extract(found.context, carrier, getter), given)
    } catch {
      countFault('propagator')
    }
  }
  return found
}

/** What was found before with what `name` made of it. */
function combined(before: Found, name: string, extracted: Context, given: Context): Found {
  const context = withBothBaggages(before.context, extracted, given)
  const span = spanOf(context)
  if (span === undefined || span === spanOf(before.context) || !isSpanContextValid(span.spanContext()))
    return { ...before, context }
  if (before.span === undefined) {
    const isAfterHint = spanOf(before.context) !== spanOf(given)
    return { context, span, finder: name, isAfterHint }
  }

  const [first, later] = [before.span.spanContext(), span.spanContext()]
  if (!isSameTrace(first.traceId, later.traceId)) {
    reportConflict(before.finder, name)
    const baggage = baggageOf(context)
    return {
      ...before,
      context: baggage === undefined ? before.context : withBaggage(before.context, baggage),
    }
  }
  const { traceState } = later
  const kept =
    traceState === undefined ? before.span : withTraceState(before.span, bothStates(first, traceState))
  return { ...before, span: kept, context: withSpan(context, kept) }
}

function bothStates({ traceState: first }: SpanContext, later: TraceState): TraceState {
  return first === undefined ? later : joinedTraceState(first, later)
}

function withBothBaggages(before: Context, extracted: Context, given: Context): Context {
  const [first, later] = [baggageOf(before), baggageOf(extracted)]
  // What the context had before any header was read is replaced, as OpenTelemetry has it.
  if (first === undefined || later === undefined || first === later || first === baggageOf(given))
    return extracted
  const entries = new Map([...later.getAllEntries(), ...first.getAllEntries()])
  return withBaggage(extracted, new BaggageList(entries))
}

function reportConflict(first: string, later: string): void {
  countFault('propagation_conflict')
  warnOnce(
    'HASHIRA_PROPAGATION_CONFLICT',
    `OTEL_PROPAGATORS: ${first} and ${later} found different traces in the headers of one request; that of ${first} is used`,
    `${first} ${later}`,
  )
}
