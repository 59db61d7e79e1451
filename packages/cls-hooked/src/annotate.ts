import { spanOf } from '@hashira/core'
import type { AttributeValue } from '@opentelemetry/api'

/** Puts fields on the active span. Never throws. */
export function annotate(fields: Record<string, AttributeValue>): void {
  spanOf()?.setAttributes(fields)
}
