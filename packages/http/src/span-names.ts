const MAX_NAMES = 2_000
const names = new Map<string, Map<string, string>>()

/** `GET /users/:id`, joined once per method and route. A method that is not known counts as `HTTP` (OpenTelemetry). */
export function spanName(method: string, route: string | undefined): string {
  const verb = method === '_OTHER' ? 'HTTP' : method
  if (route === undefined || route === '') return verb
  let byRoute = names.get(verb)
  if (byRoute === undefined) {
    byRoute = new Map()
    names.set(verb, byRoute)
  }
  let name = byRoute.get(route)
  if (name === undefined) {
    name = `${verb} ${route}`
    if (byRoute.size < MAX_NAMES) byRoute.set(route, name)
  }
  return name
}
