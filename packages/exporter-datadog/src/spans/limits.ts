/** Of service, name and type, in UTF-8 bytes for the agent; here in UTF-16 units, the agent cuts the rest. */
export const NAME_LIMIT = 100
export const RESOURCE_LIMIT = 5_000
export const KEY_LIMIT = 200
export const VALUE_LIMIT = 25_000

/** `text` with at most `limit` UTF-16 units and `...` behind them, as Datadog's tracers cut; never through a surrogate pair. */
export function truncated(text: string, limit: number): string {
  if (text.length <= limit) return text
  return `${cut(text, limit)}...`
}

/** The same without the mark, for names. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  const last = text.charCodeAt(limit - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit)
}
