import { nodeBinary } from '../../test/backends/node/get.mjs'

/** The Node that servers run on: the given program, or else the newest of the 24 line, which every rival supports. */
export async function serverNode(given) {
  if (given) return given
  const { path, missing } = await nodeBinary('24')
  if (missing) throw new Error(`no Node 24 for the servers (${missing}); name one with --node`)
  return path
}
