import { Buffer } from 'node:buffer'
import type { Batch, Encoder, InstrumentationScope, Resource } from '@hashira/core'
import { jsonResource, jsonScope } from './json-envelope'

/** What the request of a signal calls its parts. */
export interface RequestNames {
  readonly resources: 'resourceSpans' | 'resourceLogs'
  readonly scopes: 'scopeSpans' | 'scopeLogs'
  readonly items: 'spans' | 'logRecords'
}

/** Records to the JSON of ExportTraceServiceRequest or ExportLogsServiceRequest (`http/json`). */
export class ScopedJsonEncoder<Record extends { readonly scope: InstrumentationScope }>
  implements Encoder<Record>
{
  readonly #names: RequestNames
  readonly #toJson: (record: Record) => object
  readonly #resource: Resource
  /** By `scope` and `schemaUrl` as JSON. */
  #items = new Map<string, string[]>()
  #byteLength = 0
  #itemCount = 0

  constructor(resource: Resource, names: RequestNames, toJson: (record: Record) => object) {
    this.#names = names
    this.#toJson = toJson
    this.#resource = resource
  }

  get byteLength(): number {
    return this.#byteLength
  }

  get itemCount(): number {
    return this.#itemCount
  }

  append(record: Record): void {
    const item = JSON.stringify(this.#toJson(record))
    const scope = jsonScope(record.scope)
    const items = this.#items.get(scope)
    if (items === undefined) this.#items.set(scope, [item])
    else items.push(item)
    this.#byteLength += Buffer.byteLength(item) + 1
    this.#itemCount++
  }

  take(): Batch {
    const names = this.#names
    const scopes = [...this.#items].map(
      ([scope, items]) => `{${scope},"${names.items}":[${items.join(',')}]}`,
    )
    const resource = `{"resource":${jsonResource(this.#resource)},"${names.scopes}":[${scopes.join(',')}]}`
    const batch = { bytes: Buffer.from(`{"${names.resources}":[${resource}]}`), itemCount: this.#itemCount }
    this.#items = new Map()
    this.#byteLength = 0
    this.#itemCount = 0
    return batch
  }
}
