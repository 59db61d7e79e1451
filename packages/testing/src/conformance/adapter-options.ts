import type { MemoryExporter } from '../memory-exporter'

export interface AdapterAnswer {
  readonly status: number
  readonly body: string
}

/** A route that the app of a test has. */
export interface AdapterRoute {
  readonly method: 'GET' | 'POST'
  /** `/users/:id`, to be written as the framework writes it. */
  readonly path: string
  /** What its handler calls, and answers with. It may throw, reject or never resolve: the framework then does what it does. */
  handle(): AdapterAnswer | Promise<AdapterAnswer>
}

export interface AdapterConformanceOptions {
  /** For the titles of the tests: `Express 5`. */
  readonly name: string
  /** The exporter that Hashira was started with, once for the file: `start({ exporters: [memory], quiet: true })`. */
  readonly memory: MemoryExporter
  /** An observed app with these routes and nothing else, that listens on loopback. Called for every test. */
  readonly start: (routes: readonly AdapterRoute[]) => Promise<{ readonly port: number; close(): unknown }>
  /** A route's path as the adapter names it, where the framework writes it otherwise: `/users/{id}`. Default: the same. */
  readonly routeName?: ((path: string) => string) | undefined
  /** How long a test waits for what must come. Default 30,000: a machine may be busy with something else. */
  readonly patienceMs?: number | undefined
}
