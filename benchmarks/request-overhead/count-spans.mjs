const serverKind = 2

/** Spans, and spans of kind SERVER, in an OTLP traces request, as protobuf or as JSON. */
export function countSpans(body, contentType = '') {
  return contentType.includes('json') ? countJson(JSON.parse(body)) : countProtobuf(body)
}

/** Records in an OTLP logs request: their messages have the same numbers as those of spans. */
export function countLogRecords(body, contentType = '') {
  if (!contentType.includes('json')) return countProtobuf(body).spans
  const scopes = JSON.parse(body).resourceLogs?.flatMap(({ scopeLogs = [] }) => scopeLogs) ?? []
  return scopes.reduce((sum, { logRecords = [] }) => sum + logRecords.length, 0)
}

function countJson({ resourceSpans = [] }) {
  const spans = resourceSpans.flatMap(({ scopeSpans = [] }) =>
    scopeSpans.flatMap((scope) => scope.spans ?? []),
  )
  return {
    spans: spans.length,
    server: spans.filter(({ kind }) => kind === serverKind || kind === 'SPAN_KIND_SERVER').length,
  }
}

// ExportTraceServiceRequest.resource_spans = 1, ResourceSpans.scope_spans = 2, ScopeSpans.spans = 2, Span.kind = 6
function countProtobuf(body) {
  let spans = 0
  let server = 0
  for (const resourceSpans of messages(body, 1)) {
    for (const scopeSpans of messages(resourceSpans, 2)) {
      for (const span of messages(scopeSpans, 2)) {
        spans++
        for (const { field, value } of fields(span)) if (field === 6 && value === serverKind) server++
      }
    }
  }
  return { spans, server }
}

function* messages(buffer, wanted) {
  for (const { field, value } of fields(buffer)) if (field === wanted) yield value
}

/** Fields of one protobuf message: a number for a varint, bytes for what has a length, nothing for fixed widths. */
function* fields(buffer) {
  let at = 0
  const varint = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = buffer[at++]
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < buffer.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    const wireType = tag % 8
    if (wireType === 0) yield { field, value: varint() }
    else if (wireType === 1) at += 8
    else if (wireType === 5) at += 4
    else if (wireType === 2) {
      const length = varint()
      yield { field, value: buffer.subarray(at, at + length) }
      at += length
    } else throw new Error(`not protobuf: wire type ${wireType}`)
  }
}
