import { createRequire } from 'node:module'
import { join } from 'node:path'
import { HashiraError } from '@hashira/core'

/** The part of `snappyjs` that is used: Snappy's block format. */
export interface Snappy {
  compress(bytes: Uint8Array): Uint8Array
}

const NAME = 'snappyjs'

/**
 * Remote write takes nothing but Snappy, which Node does not have. Nobody who does not use it installs the package.
 * @throws HashiraError HASHIRA_DEPENDENCY_MISSING
 */
export function loadSnappy(): Snappy {
  // Beside this package, or in the app, where a strict package manager puts it.
  for (const from of [__filename, join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from)(NAME) as Snappy
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  throw new HashiraError(
    'HASHIRA_DEPENDENCY_MISSING',
    `prometheus(): option "remoteWriteUrl" needs the package ${NAME}: npm install ${NAME}`,
  )
}
