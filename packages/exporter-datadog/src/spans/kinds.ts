import { SpanKind } from '@opentelemetry/api'

/** OpenTelemetry's SpanKind as it is now: the API's exports are getters, which cost a call each time. */
export const KIND = { ...SpanKind }
