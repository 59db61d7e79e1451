import type { TextMapGetter, TextMapPropagator } from '@opentelemetry/api'
import { joinHeader, trimOws } from './header-text'

/** A propagator that says more about its headers than their names. */
export interface HeaderPropagator extends TextMapPropagator {
  /** Beginnings of header names whose rest is a key (`uberctx-`): `fields()` can't name these. */
  readonly prefixes?: readonly string[] | undefined
  /** Headers that mean one thing together: when one is sent, others of them that were there already go. */
  readonly families?: readonly (readonly string[])[] | undefined
}

/** A header that is there once, trimmed; `undefined` when there is none. Several come joined by commas, which no id survives. */
export function readHeader<Carrier>(
  carrier: Carrier,
  getter: TextMapGetter<Carrier>,
  name: string,
): string | undefined {
  const header = joinHeader(getter.get(carrier, name))
  return header === undefined ? undefined : trimOws(header)
}
