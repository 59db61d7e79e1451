/** Bounds of one span. `Infinity` lifts one. What is refused is counted in the record (`droppedCount`, `dropped…Count`). */
export interface SpanLimits {
  /** Attributes of a span, `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`, default 128. Later new keys are dropped. */
  readonly attributeCountLimit: number
  /**
   * UTF-16 units of a string value, of each string of an array, and of an exception's message and stack,
   * `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT`, default 8,192 (OpenTelemetry: unlimited). Longer ones are cut.
   */
  readonly attributeValueLengthLimit: number
  /** `OTEL_SPAN_EVENT_COUNT_LIMIT`, default 128. The oldest event makes room for the newest. */
  readonly eventCountLimit: number
  /** `OTEL_SPAN_LINK_COUNT_LIMIT`, default 128. Later links are dropped. */
  readonly linkCountLimit: number
  /** `OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT`, default 128. */
  readonly attributePerEventCountLimit: number
  /** `OTEL_LINK_ATTRIBUTE_COUNT_LIMIT`, default 128. */
  readonly attributePerLinkCountLimit: number
}

export const defaultSpanLimits: SpanLimits = {
  attributeCountLimit: 128,
  attributeValueLengthLimit: 8_192,
  eventCountLimit: 128,
  linkCountLimit: 128,
  attributePerEventCountLimit: 128,
  attributePerLinkCountLimit: 128,
}
