const SLOTS = Symbol.for('hashira.shared.v1')

type Slots = Record<string, unknown>

/**
 * One value for the whole process under `name`, made by the first caller.
 *
 * Module state is one copy per installed copy and per module format; what must exist once (the context storage, the tracer
 * provider, the metric sources) lives here instead. The symbol carries a version: a release that changes the shape of a
 * shared value takes a new one.
 */
export function shared<T>(name: string, create: () => T): T {
  const holder = globalThis as { [SLOTS]?: Slots }
  holder[SLOTS] ??= Object.create(null) as Slots
  const slots = holder[SLOTS]
  slots[name] ??= create()
  return slots[name] as T
}
