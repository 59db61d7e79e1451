/** What outgoing calls need of the settings of `start()`. */
export interface OutgoingOptions {
  /** Calls that are left alone (no span, no metric, no headers): exact URLs, RegExps on the full URL, functions of it. Default none. */
  readonly ignoreOutgoing?: readonly (string | RegExp | ((url: string) => boolean))[] | undefined
  /**
   * Hosts outside that get context headers of any kind: `api.example.com` is one host; `.example.com` and `*.example.com` are
   * every host below it; `*` is every host. The inside gets them in any case: loopback and private addresses, and names that
   * only resolve there. Default: everywhere.
   */
  readonly propagateTo?: readonly string[] | undefined
  /**
   * Of the hosts that get context headers, those outside that get baggage as well; entries as in `propagateTo`. Default none:
   * baggage goes to loopback and private addresses and to names that only resolve inside.
   */
  readonly propagateBaggageTo?: readonly string[] | undefined
  /** More query parameters whose values are never recorded, case-insensitive. */
  readonly redactQuery?: readonly string[] | undefined
  /** Replaces the list of known methods, case-sensitive (`OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`). */
  readonly knownMethods?: readonly string[] | undefined
  /** `true`: no spans and no metrics, trace context still travels (`OTEL_SDK_DISABLED`). Default `false`. */
  readonly disabled?: boolean | undefined
}
