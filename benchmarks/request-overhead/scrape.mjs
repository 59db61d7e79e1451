/** Requests that the RED histogram at `/metrics` has counted, or `undefined` when nothing answers. */
export async function scrapedRequests(port) {
  const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
    (response) => response.text(),
    () => undefined,
  )
  const samples = text?.matchAll(/^http_server_request_duration_seconds_count(?:\{.*\})? (\d+)/gm)
  return samples && [...samples].reduce((sum, [, value]) => sum + Number(value), 0)
}
