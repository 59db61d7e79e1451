import type { PrometheusSettings } from './options'

/** What the user wants to send with every push; names in lower case. */
export function pushHeaders(settings: PrometheusSettings): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(settings.pushHeaders)) headers[name.toLowerCase()] = value
  const authorization = authorizationOf(settings)
  return authorization === undefined ? headers : { ...headers, authorization }
}

function authorizationOf({
  pushBearerToken,
  pushUsername,
  pushPassword,
}: PrometheusSettings): string | undefined {
  if (pushBearerToken !== undefined) return `Bearer ${pushBearerToken}`
  if (pushUsername === undefined) return undefined
  return `Basic ${Buffer.from(`${pushUsername}:${pushPassword ?? ''}`).toString('base64')}`
}
