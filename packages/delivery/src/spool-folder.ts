import { chmodSync, promises as files, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isSegment } from './spool-names'

const userId = process.getuid?.()

/** A folder of this user within the one that the operator names, which may be shared or anybody's (`/tmp`). */
export function folderIn(dir: string): string {
  return join(dir, userId === undefined ? 'hashira' : `hashira-${userId}`)
}

/** Makes it if need be, private to the user. Throws when it is somebody else's, or no folder. */
export function ensurePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  if (!found.isDirectory()) throw new Error('the spool folder is not a folder')
  if (userId !== undefined && found.uid !== userId)
    throw new Error('the spool folder belongs to another user')
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700)
}

/** Names of all segments in it, whoever wrote them. */
export async function segmentsIn(folder: string): Promise<string[]> {
  try {
    return (await files.readdir(folder)).filter(isSegment)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

export function bytesInSync(folder: string): number {
  const sizes = readdirSync(folder)
    .filter(isSegment)
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
  return sizes.reduce((sum, size) => sum + size, 0)
}

export async function bytesIn(folder: string): Promise<number> {
  const sizes = (await segmentsIn(folder)).map((name) =>
    files.stat(join(folder, name)).then(
      ({ size }) => size,
      // Delivered meanwhile.
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
