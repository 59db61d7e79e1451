/**
 * Why a response broke off, when it was this side: the error that it was destroyed with (`pipeline`, `res.destroy(error)`), or
 * that of the stream which was piped into it (Fastify destroys the response without one). `undefined` when the client left:
 * that destroys neither with an error of its own. Never throws.
 */
export function streamError(response: unknown, source: unknown): unknown {
  try {
    return causeOf(response) ?? causeOf(source)
  } catch {
    return undefined
  }
}

function causeOf(stream: unknown): unknown {
  const error = (stream as { errored?: unknown } | undefined)?.errored ?? undefined
  if (error === undefined) return undefined
  const { code, name } = error as { code?: unknown; name?: unknown }
  // What `pipeline` gives the streams beside the one that was closed.
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || name === 'AbortError' ? undefined : error
}
