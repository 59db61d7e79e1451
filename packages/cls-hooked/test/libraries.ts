import * as ours from '@hashira/cls-hooked'
import * as original from 'cls-hooked'

type Original = typeof original

/** cls-hooked itself and what takes its place, under the types of cls-hooked: the one import that changes. */
export const libraries: readonly (readonly [name: string, cls: Original])[] = [
  ['cls-hooked', original],
  ['@hashira/cls-hooked', ours as unknown as Original],
]

/** What `attempt` throws, by the first line of its message: cls-hooked adds a dump of itself. */
export function thrown(attempt: () => unknown): string | undefined {
  try {
    attempt()
  } catch (error) {
    return (error as Error).message.split('\n')[0]?.trim()
  }
  return undefined
}
