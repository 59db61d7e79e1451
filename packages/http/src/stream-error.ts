const LEFT = 'ERR_STREAM_PREMATURE_CLOSE'

/**
 * Why a response broke off, when it was this side: the error that it was destroyed with (`pipeline`, `res.destroy(error)`), or
 * that of the stream which was piped into it (Fastify destroys the response without one). `undefined` when the client left.
 * Never throws.
 */
export function streamError(response: unknown, source: unknown): unknown {
  try {
    const error = causeOf(response)
    return error === undefined || isReset(error) ? causeOf(source) : error
  } catch {
    return undefined
  }
}

function causeOf(stream: unknown): unknown {
  const error = (stream as { errored?: unknown } | undefined)?.errored ?? undefined
  if (error === undefined) return undefined
  const { code, name } = error as { code?: unknown; name?: unknown }
  // What `pipeline` gives the streams beside the one that was closed.
  return code === LEFT || name === 'AbortError' ? undefined : error
}

/** What Node ≥ 24 gives the responses of pipelined requests whose client left. */
function isReset(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return code === 'ECONNRESET' && message === 'aborted'
}
