import { get } from './get.mjs'
import { startAgent } from './start.mjs'

export { get }
export const coldMinutes = 2

/** Datadog's own trace receiver, with every version of its protocol: what `startAgent` returns, and `binary` to start one of your own. */
export async function start() {
  const { path, version } = await get()
  const { stop, ...places } = await startAgent({ program: path })
  return { version, given: { binary: path, ...places }, stop }
}
