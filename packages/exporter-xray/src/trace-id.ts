/** X-Ray's form of a trace id of 32 hex digits: `1-` the first 8 `-` the rest. The first 8 are the time, if X-Ray began the trace. */
export function xrayTraceId(traceId: string): string {
  return `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`
}
