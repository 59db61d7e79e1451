import type { HttpCall } from '@hashira/delivery'
import type { Surroundings } from './detector'

type Http = Surroundings['http']

/** A metadata service is on this machine: it answers at once or not at all. */
const TIMEOUT_MS = 900

/** Rejects when there is no answer in time, or one that is not 200. */
export async function askText(http: Http, call: HttpCall): Promise<string> {
  const { status, body } = await http.request({
    timeoutMs: TIMEOUT_MS,
    maxResponseBytes: 256 * 1024,
    ...call,
  })
  if (status !== 200) throw new Error(`answered ${status}`)
  return body.toString()
}

export async function askJson<T>(http: Http, call: HttpCall): Promise<T> {
  const value: unknown = JSON.parse(await askText(http, call))
  if (typeof value !== 'object' || value === null) throw new Error('answered with no object')
  return value as T
}
