import { existsSync, readFileSync } from 'node:fs'

/**
 * The spans in a collector's `tracesFile`, oldest first. Each is an OTLP JSON span (ids in hex, `kind` and `status.code` as numbers,
 * 64-bit numbers as texts) with `resource`, `scope` and its `attributes`, and those of its events and links, as plain objects.
 */
export function readSpans(file) {
  return batches(file).flatMap(({ resourceSpans = [] }) =>
    inScopes(resourceSpans, 'scopeSpans', 'spans').map((span) => ({
      ...plain(span),
      events: (span.events ?? []).map(plain),
      links: (span.links ?? []).map(plain),
    })),
  )
}

/**
 * The points in a collector's `metricsFile`, oldest first, one entry each: the metric's `name`, `unit`, `description` and `type`
 * (`sum`, `gauge`, `histogram`, `exponentialHistogram`, `summary`), `temporality` (1 delta, 2 cumulative), `isMonotonic`, the fields of
 * the OTLP JSON point, `resource`, `scope`, and `attributes` as a plain object.
 */
export function readPoints(file) {
  return batches(file).flatMap(({ resourceMetrics = [] }) =>
    inScopes(resourceMetrics, 'scopeMetrics', 'metrics').flatMap(pointsOf),
  )
}

/** The records in a collector's `logsFile`, oldest first: OTLP JSON with plain `attributes` and `body`, `resource` and `scope`. */
export function readRecords(file) {
  return batches(file).flatMap(({ resourceLogs = [] }) =>
    inScopes(resourceLogs, 'scopeLogs', 'logRecords').map((record) => ({
      ...plain(record),
      body: record.body && plainValue(record.body),
    })),
  )
}

function pointsOf({ name, unit, description, resource, scope, ...metric }) {
  const [type] = ['sum', 'gauge', 'histogram', 'exponentialHistogram', 'summary'].filter((key) => metric[key])
  const { dataPoints = [], aggregationTemporality: temporality, isMonotonic } = metric[type] ?? {}
  const of = { name, unit, description, type, temporality, isMonotonic, resource, scope }
  return dataPoints.map((point) => ({ ...of, ...plain(point) }))
}

/** Every item, with `resource` (its attributes) and `scope` (`{ name, version, attributes }`) of where it stood. */
function inScopes(groups, scopesKey, itemsKey) {
  return groups.flatMap((group) =>
    (group[scopesKey] ?? []).flatMap(({ scope = {}, [itemsKey]: items = [] }) =>
      items.map((item) => ({ ...item, resource: attributesOf(group.resource), scope: plain(scope) })),
    ),
  )
}

function plain(item) {
  return { ...item, attributes: attributesOf(item) }
}

function attributesOf({ attributes = [] } = {}) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]))
}

/** An OTLP AnyValue as a plain one; a 64-bit integer beyond what a number holds exactly stays a text. */
function plainValue({ stringValue, intValue, arrayValue, kvlistValue, ...other }) {
  if (stringValue !== undefined) return stringValue
  if (intValue !== undefined)
    return Number.isSafeInteger(Number(intValue)) ? Number(intValue) : String(intValue)
  if (arrayValue) return (arrayValue.values ?? []).map(plainValue)
  if (kvlistValue) return attributesOf({ attributes: kvlistValue.values })
  return other.boolValue ?? other.doubleValue ?? other.bytesValue
}

// The last line may be half written.
function batches(file) {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.filter(Boolean).map((line) => JSON.parse(line))
}
