import { nodeBinary, nodeLines } from './get.mjs'

export const coldMinutes = 1

/** The Node programs of every release line. Rejects where none can be had. */
export async function get() {
  const found = await programs()
  const versions = Object.values(found).flatMap(({ version }) => version ?? [])
  if (versions.length === 0) throw new Error(Object.values(found)[0].missing)
  return { path: Object.values(found).findLast(({ path }) => path).path, version: versions.join(' ') }
}

/** By release line (`'20'`, `'22'`, `'24'`, `'26'`): `{ path, version }`, or `{ missing: reason }`. */
export async function start() {
  const { version } = await get()
  return { version, given: { lines: await programs() } }
}

/** All lines, or those of `HASHIRA_TEST_NODE_LINES` (`24,26`): the whole of one takes three minutes. */
async function programs() {
  const wanted = process.env.HASHIRA_TEST_NODE_LINES?.split(',') ?? nodeLines
  const found = {}
  for (const line of nodeLines) {
    found[line] = wanted.includes(line)
      ? await nodeBinary(line)
      : { missing: 'not one of HASHIRA_TEST_NODE_LINES' }
  }
  return found
}
