import { shared } from '@hashira/core'
import type { HashiraSpan } from './hashira-span'

/** More than that are not remembered: spans that an app never ends must not become a leak. */
const MAX_OPEN = 10_000

/** The recording spans that have started and not ended; `spans` is `undefined` until somebody asks for them. */
const open = shared<{ spans: Set<HashiraSpan> | undefined }>('tracing.open', () => ({ spans: undefined }))

/**
 * Every recording span that is started from now on and is still open, in the order of their starts, at most 10,000. For
 * environments that end a process without asking; nobody else pays for it.
 */
export function trackOpenSpans(): ReadonlySet<HashiraSpan> {
  open.spans ??= new Set()
  return open.spans
}

export function spanOpened(span: HashiraSpan): void {
  const { spans } = open
  if (spans !== undefined && spans.size < MAX_OPEN) spans.add(span)
}

export function spanClosed(span: HashiraSpan): void {
  open.spans?.delete(span)
}
