/** The methods of RFC 9110 and RFC 5789, and QUERY (OpenTelemetry HTTP conventions). Case-sensitive. */
export const DEFAULT_KNOWN_METHODS: readonly string[] = [
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'QUERY',
]

/** `http.request.method` for every method that is not known, so that nobody can make series by inventing methods. */
export const OTHER_METHOD = '_OTHER'
