import type { Environment } from '@hashira/core'
import type { HttpClient } from '@hashira/delivery'

export type DetectedAttributes = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** What a detector may look at; tests give others. */
export interface Surroundings {
  readonly env: Environment
  /** The text of a small file, `undefined` when it cannot be read. */
  readFile(path: string): string | undefined
  readonly http: Pick<HttpClient, 'request'>
}

/**
 * Finds attributes of the resource. `detect` is called while the app starts, so it reads the environment and small files only.
 * `ask` is for what a local metadata service tells: it is called when `detect` says that there is one, resolves in its own
 * time, and may reject.
 */
export interface Detector {
  readonly name: string
  detect(surroundings: Surroundings): DetectedAttributes | undefined
  ask?(surroundings: Surroundings): Promise<DetectedAttributes>
}
