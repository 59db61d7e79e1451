import { createRequire } from 'node:module'
import { Writable } from 'node:stream'

const load = createRequire(__filename)

/** What the tests use of undici, the same in 5 to 8. */
export interface Undici {
  readonly Pool: new (origin: string, options: { connections: number }) => Dispatcher
  readonly Agent: new (options: { connections: number }) => Dispatcher
  readonly interceptors?: { readonly retry: () => unknown }
  request(url: string, options?: CallOptions): Promise<{ statusCode: number; body: Body }>
  fetch(url: string, options?: CallOptions): Promise<Response>
  stream(url: string, options: CallOptions, factory: () => Writable): Promise<unknown>
  pipeline(url: string, options: CallOptions, handler: (data: { body: Body }) => Body): NodeJS.ReadWriteStream
}

export interface Dispatcher {
  compose(interceptor: unknown): Dispatcher
  destroy(): Promise<void>
}

export interface Body extends NodeJS.ReadableStream {
  text(): Promise<string>
  destroy(error?: Error): void
}

export interface CallOptions {
  readonly method?: string
  readonly headers?: Record<string, string> | string[]
  readonly dispatcher?: Dispatcher
  readonly signal?: AbortSignal
  readonly redirect?: 'follow' | 'manual'
  readonly body?: string
}

/** Makes one call and reads its answer to the end. */
export type Call = (url: string, options?: CallOptions) => Promise<unknown>

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

export interface UndiciVersion {
  readonly name: string
  /** Why it can't be tested here. */
  readonly skip: string | false
  readonly load: () => Undici
}

export const undiciVersions: readonly UndiciVersion[] = [5, 6, 7, 8].map((version) => ({
  name: `undici ${version}`,
  skip: version === 8 && (major < 22 || (major === 22 && minor < 19)) ? 'undici 8 needs Node 22.19' : false,
  load: () => load(`undici${version}`) as Undici,
}))

/** The ways in which undici makes a call. */
export const undiciCalls: Readonly<Record<string, (undici: Undici) => Call>> = {
  request: (undici) => async (url, options) => (await undici.request(url, options)).body.text(),
  fetch: (undici) => async (url, options) => (await undici.fetch(url, options)).text(),
  stream: (undici) => (url, options) =>
    undici.stream(url, { method: 'GET', ...options }, () => new Writable({ write: (_, __, done) => done() })),
  pipeline: (undici) => (url, options) =>
    new Promise((resolve, reject) => {
      const pipeline = undici.pipeline(url, { method: 'GET', ...options }, ({ body }) => body)
      pipeline
        .on('data', () => {})
        .on('end', resolve)
        .on('error', reject)
      pipeline.end()
    }),
}

export const globalFetch: Call = async (url, options) => (await fetch(url, options as RequestInit)).text()
