import { get } from './get.mjs'
import { startCollector } from './start.mjs'

export { get }
export const coldMinutes = 4
export const uses = ['moto']

/** A collector whose X-Ray proxy talks to moto: `binary` (to start one of your own with) and what `startCollector` returns. */
export async function start({ moto }) {
  const { path, version } = await get()
  const { stop, ...places } = await startCollector({ program: path, awsEndpoint: moto.url })
  return { version, given: { binary: path, ...places }, stop }
}
