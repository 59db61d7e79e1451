/** The JSON document at `url`, or `undefined` where the server answers 404. */
export async function getJson(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
  if (response.status === 404) {
    await response.body?.cancel()
    return undefined
  }
  if (!response.ok)
    throw new Error(`${url} answered ${response.status}: ${(await response.text()).slice(0, 300)}`)
  return response.json()
}
