import { AttributeList, currentResource } from '@hashira/core'
import { cut, LineAttributes } from './line-attributes'
import { type Fields, lineFields } from './line-fields'
import { logSettings } from './log-settings'

/** Of a message, in characters. */
const MAX_BODY = 256 * 1024

export interface LineContent {
  readonly body: string | undefined
  readonly attributes: AttributeList
}

/** What a line says: its message is the body, the rest are attributes. */
export function lineContent(line: string, head: string, messageKey: string, errorKey: string): LineContent {
  const fields = lineFields(line, head, false)
  if (fields === undefined) return { body: cut(line.trimEnd(), MAX_BODY), attributes: new AttributeList() }
  const content = split(fields, messageKey, errorKey)
  if (!content.isInexact) return content
  return split(lineFields(line, head, true) ?? fields, messageKey, errorKey)
}

function split(fields: Fields, messageKey: string, errorKey: string): LineContent & { isInexact: boolean } {
  const attributes = new LineAttributes(logSettings.limits, errorKey)
  let body: string | undefined
  for (const key of Object.keys(fields)) {
    const value = fields[key]
    if (key === messageKey) body = bodyText(value)
    else if (!isInResource(key, value)) attributes.put(key, key, value, 1)
  }
  return { body, attributes: attributes.list, isInexact: attributes.isInexact }
}

function bodyText(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined
  return cut(typeof body === 'string' ? body : JSON.stringify(body), MAX_BODY)
}

/** Pino's `pid` and `hostname` are said once, by the resource, unless the app has set them to something else. */
function isInResource(key: string, value: unknown): boolean {
  if (key === 'pid') return value === currentResource().attributes.get('process.pid')
  return key === 'hostname' && value === currentResource().attributes.get('host.name')
}
