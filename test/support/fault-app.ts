import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type FaultyBackend, type FaultyBackendOptions, faultyBackend } from '@hashira/testing'
import { ChildApp } from './child-app.ts'

// Generated from the published .proto files by the OpenTelemetry project.
const { opentelemetry } = createRequire(import.meta.url)(
  '@opentelemetry/otlp-transformer/build/src/generated/root',
)
const { ExportTraceServiceRequest, ExportTraceServiceResponse } = opentelemetry.proto.collector.trace.v1

const backends = new Set<FaultyBackend>()
after(async () => {
  for (const backend of backends) await backend.stop()
})

/** A backend for spans over OTLP that keeps the ids of those that it took. */
export async function spanBackend(options: FaultyBackendOptions = {}) {
  const ids = new Set<string>()
  const backend = await faultyBackend({
    countItems: (body, { url }) => (isTraces(url) ? spanIdsOf(body).length : 1),
    onTaken: (body, { url }) => {
      if (isTraces(url)) for (const id of spanIdsOf(body)) ids.add(id)
    },
    ...options,
  })
  backends.add(backend)
  return Object.assign(backend, { ids })
}

const isTraces = (url: string | undefined) => url?.startsWith('/v1/traces') === true

function spanIdsOf(body: Buffer): string[] {
  const { resourceSpans } = ExportTraceServiceRequest.decode(body) as {
    resourceSpans: { scopeSpans: { spans: { spanId: Uint8Array }[] }[] }[]
  }
  return resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ spanId }) => Buffer.from(spanId).toString('hex'))),
  )
}

/** The answer of an OTLP backend that refuses some spans. */
export function partialSuccess(rejectedSpans: number, errorMessage: string): Uint8Array {
  return ExportTraceServiceResponse.encode({ partialSuccess: { rejectedSpans, errorMessage } }).finish()
}

/** `test/fault/app.mjs` with a scenario, sending traces to `url`. */
export function faultApp(url: string, scenario: object, env: Record<string, string> = {}): ChildApp {
  return new ChildApp('fault/app.mjs', {
    SCENARIO: JSON.stringify(scenario),
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: '200',
    ...env,
  })
}

export const linesOf = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('hashira:'))

/** A self-signed certificate for 127.0.0.1; `undefined` without openssl. */
export function selfSigned(): { key: string; cert: string } | undefined {
  const folder = temporaryFolder()
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = '-subj /CN=server -addext subjectAltName=IP:127.0.0.1'
  const args = `req -x509 -newkey rsa:2048 -nodes -days 2 ${subject} -keyout ${key} -out ${cert}`
  try {
    execFileSync('openssl', args.split(' '), { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

/** Removed at the end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hashira-fault-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
