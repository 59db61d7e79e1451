import { say, warnOnce } from '@hashira/core'
import { resolveFromApp } from '@hashira/http'

/**
 * The package that observes a framework, from the app's node_modules. Without it there is one line that says what to install:
 * requests are observed all the same, by their server, but without their routes.
 */
export function findAdapter<T>(id: string, framework: string): T | undefined {
  const path = resolveFromApp(id)
  if (path === undefined) {
    warnOnce(
      'HASHIRA_NOT_INSTALLED',
      `${framework} is used and ${id} is not installed, so its routes are not known; try: npm install ${id}`,
    )
    return undefined
  }
  try {
    return require(path) as T
  } catch (error) {
    say('warn', `${id} could not be loaded: ${String(error)}`)
    return undefined
  }
}
