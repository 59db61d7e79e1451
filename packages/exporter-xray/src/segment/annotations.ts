import type { AttributeValue } from '@hashira/core'
import type { AttributeReader } from './attribute-reader'
import { cut } from './limits'
import type { Annotations, Metadata, MetadataValue } from './segment-document'

/** X-Ray indexes 50 a trace, keys of 500 and values of 1,000 characters (developer guide, "Add annotations and metadata"). */
const MAX_ANNOTATIONS = 50
const MAX_KEY = 500
const MAX_VALUE = 1_000
const FORBIDDEN = /[^A-Za-z0-9_]/g
const LIST = 'aws.xray.annotations'
const PREFIX = 'annotation.'
const METADATA_PREFIX = 'aws.xray.metadata.'

export interface AnnotationRules {
  /** Attributes to index; resource attributes as `otel.resource.NAME`. */
  readonly keys: ReadonlySet<string>
  readonly all: boolean
}

export interface AnnotationsAndMetadata {
  readonly annotations: Annotations | undefined
  readonly metadata: Metadata | undefined
}

/**
 * Annotations are what X-Ray indexes: attributes that `rules` or the span's own `aws.xray.annotations` name, and those called
 * `annotation.KEY`. Everything else is metadata: `default`, or the namespace of `aws.xray.metadata.NAMESPACE` (a JSON object).
 *
 * @param more what goes the same way without being an attribute of the span
 */
export function annotationsAndMetadata(
  attributes: AttributeReader,
  rules: AnnotationRules,
  more: Iterable<readonly [key: string, value: MetadataValue]>,
): AnnotationsAndMetadata {
  const own = new Set(attributes.texts(LIST))
  const annotations = new AnnotationSet()
  const metadata = new MetadataSet()
  attributes.forEach((key, value, isTaken) => {
    // An annotation is wanted by name, so it may repeat what a block of the document says already.
    const name = annotationName(key, own, rules)
    const isWhole = name !== undefined && annotations.add(name, value)
    if (isTaken || isWhole || key === LIST) return
    if (key.startsWith(METADATA_PREFIX)) metadata.addNamespace(key, value)
    else metadata.add(key, value)
  })
  for (const [key, value] of more) {
    const name = annotationName(key, own, rules)
    if (name === undefined || !annotations.add(name, value)) metadata.add(key, value)
  }
  return { annotations: annotations.values, metadata: metadata.namespaces }
}

function annotationName(key: string, own: ReadonlySet<string>, rules: AnnotationRules): string | undefined {
  if (key.startsWith(PREFIX) && key.length > PREFIX.length) return key.slice(PREFIX.length)
  if (key === LIST || key.startsWith(METADATA_PREFIX)) return undefined
  return rules.all || rules.keys.has(key) || own.has(key) ? key : undefined
}

/** Keys are letters, digits and `_`: the rest becomes `_`, and of two that get the same key the first stays. */
class AnnotationSet {
  values: Annotations | undefined
  #size = 0

  /** Whether it holds the whole value now: what is cut, or left out, belongs into the metadata as well. */
  add(name: string, value: MetadataValue): boolean {
    if (!isIndexable(value) || this.#size >= MAX_ANNOTATIONS) return false
    const key = name.slice(0, MAX_KEY).replace(FORBIDDEN, '_')
    this.values ??= {}
    if (key === '' || Object.hasOwn(this.values, key)) return false
    const text = typeof value === 'string' ? cut(value, MAX_VALUE) : value
    setOwn(this.values, key, text)
    this.#size++
    return text === value
  }
}

function isIndexable(value: MetadataValue): value is string | number | boolean {
  return typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value === 'string' || typeof value === 'boolean'
}

class MetadataSet {
  namespaces: Metadata | undefined

  add(key: string, value: MetadataValue, namespace = 'default'): void {
    this.namespaces ??= {}
    if (!Object.hasOwn(this.namespaces, namespace)) setOwn(this.namespaces, namespace, {})
    setOwn(this.namespaces[namespace]!, key, jsonValue(value))
  }

  /** The attribute's text is an object in JSON; anything else stays what it is. */
  addNamespace(key: string, value: AttributeValue): void {
    const namespace = key.slice(METADATA_PREFIX.length)
    const fields = namespace === '' || namespace.startsWith('AWS.') ? undefined : parseObject(value)
    if (fields === undefined) this.add(key, value)
    else for (const [name, field] of Object.entries(fields)) this.add(name, field, namespace)
  }
}

/** Also for `__proto__`. Not objects without a prototype: filling and writing those costs several times as much. */
function setOwn<Value>(object: Record<string, Value>, key: string, value: Value): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

function parseObject(text: unknown): Record<string, MetadataValue> | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, MetadataValue>)
      : undefined
  } catch {
    return undefined
  }
}

/** JSON has no NaN and no infinity; they say themselves. */
function jsonValue(value: MetadataValue | undefined): MetadataValue {
  if (Array.isArray(value)) return (value as readonly (MetadataValue | undefined)[]).map(jsonValue)
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : (value ?? null)
}
