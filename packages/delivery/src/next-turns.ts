/**
 * Resolves when the event loop has looked at its sockets once more. The refusal of what was just written is there by then, if
 * the other end is on this machine: it comes with the write, but is told by the next poll.
 */
export function afterNextPoll(): Promise<void> {
  // An immediate runs after the poll of its own turn, which may be over already; the second one is surely behind a poll.
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}
