import { type Attributes, SpanKind } from '@opentelemetry/api'
import { type Fields, fieldsOf, headersOf, textOf } from './fields'
import type { Trigger } from './trigger'

interface HttpRequest {
  readonly method: string
  readonly path: string | undefined
  /** The pattern that a gateway matched. */
  readonly route: string | undefined
}

/** API Gateway (REST, and HTTP in both payload versions), Application Load Balancer, function URLs. */
export function httpTrigger(event: Fields): Trigger | undefined {
  const request = requestOf(event)
  if (request === undefined) return undefined
  const { method, path, route } = request
  const headers = headersOf(event)
  const host = hostOf(headers['host'])
  const attributes: Attributes = {
    'http.request.method': method,
    'http.route': route,
    'url.path': path,
    'url.scheme': headers['x-forwarded-proto'] ?? 'https',
    'server.address': host,
    'user_agent.original': headers['user-agent'],
  }
  return {
    trigger: 'http',
    kind: SpanKind.SERVER,
    name: route === undefined ? undefined : `${method} ${route}`,
    attributes,
    headers,
  }
}

function requestOf(event: Fields): HttpRequest | undefined {
  const context = fieldsOf(event['requestContext'])
  if (context === undefined) return undefined
  const second = fieldsOf(context['http'])
  const method = textOf(second?.['method'])
  if (method !== undefined)
    return {
      method,
      path: textOf(event['rawPath']) ?? textOf(second!['path']),
      route: routeOf(textOf(event['routeKey'])),
    }
  const first = textOf(event['httpMethod'])
  if (first === undefined) return undefined
  return { method: first, path: textOf(event['path']), route: textOf(event['resource']) }
}

/** `GET /users/{id}`; `$default` matches everything, and a function URL has no other. */
function routeOf(key: string | undefined): string | undefined {
  return key === undefined || key.startsWith('$') ? undefined : key.slice(key.indexOf(' ') + 1)
}

function hostOf(header: string | undefined): string | undefined {
  return header?.replace(/:\d+$/, '') || undefined
}

/** The status of what a handler answers; `undefined` where it leaves that to the gateway. */
export function statusOf(result: unknown): number | undefined {
  const status = fieldsOf(result)?.['statusCode']
  const code = typeof status === 'string' ? Number(status) : status
  return typeof code === 'number' && Number.isInteger(code) && code >= 100 && code <= 599 ? code : undefined
}
