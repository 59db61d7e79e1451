const NAMES = (
  'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED ' +
  'FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED'
).split(' ')

const CODES = new Map(NAMES.map((name, code) => [name.replaceAll('_', ''), String(code)]))
CODES.set('CANCELED', '1')

/** gRPC's status as the number's text, whether it was given as number or name; empty for anything else. */
export function grpcStatusCode(status: string | undefined): string {
  if (status === undefined || status === '') return ''
  if (/^\d{1,9}$/.test(status)) return String(Number(status))
  return (
    CODES.get(
      status
        .replace(/^StatusCode\./, '')
        .replaceAll('_', '')
        .toUpperCase(),
    ) ?? ''
  )
}
