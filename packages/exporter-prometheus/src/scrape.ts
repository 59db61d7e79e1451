import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Gzip } from 'node:zlib'
import { callInContext, countFault, type PullHost, rootContext, suppressTracing } from '@hashira/core'
import { formatSnapshot } from './exposition'
import { acceptsGzip, negotiateFormat } from './negotiation'

/** One scrape: what is asked, and of whom. */
export interface Scrape {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly host: PullHost
}

/** Less than Prometheus' own default of 10 s: what hangs is left out, and the rest still arrives. */
const COLLECT_TIMEOUT_MS = 8_000

const quiet = suppressTracing(rootContext)

/** Answers a scrape, outside of any trace. Never throws or rejects: what goes wrong is a 500 or a cut connection, and counted. */
export function answerScrape(scrape: Scrape): void {
  callInContext(quiet, start, scrape)
}

function start(scrape: Scrape): void {
  answer(scrape).catch(() => {
    const { response } = scrape
    if (response.destroyed) return // The scraper went away.
    countFault('scrape')
    if (response.headersSent) response.destroy()
    else sendText(response, 500, 'The metrics could not be read.\n')
  })
}

async function answer({ request, response, host }: Scrape): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD')
    sendText(response, 405, 'Only GET and HEAD.\n')
    return
  }
  const format = negotiateFormat(request.headers.accept)
  const gzip = acceptsGzip(request.headers['accept-encoding'])
  const snapshot = request.method === 'GET' ? await host.collect(expired()) : undefined
  response.statusCode = 200
  response.setHeader('Content-Type', format.contentType)
  response.setHeader('Vary', 'Accept, Accept-Encoding')
  if (gzip) response.setHeader('Content-Encoding', 'gzip')
  if (snapshot === undefined) {
    response.end()
    return
  }
  const text = Readable.from(formatSnapshot(snapshot, host.resource, format))
  if (gzip) await pipeline(text, compressor(), response)
  else await pipeline(text, response)
}

function compressor(): Gzip {
  // Loaded with the first scrape: it takes 1 ms of an app's start.
  const { constants, createGzip } = process.getBuiltinModule('node:zlib')
  // The fastest level: label names and values repeat on every line, so it already saves more than nine tenths.
  return createGzip({ level: constants.Z_BEST_SPEED })
}

function expired(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, COLLECT_TIMEOUT_MS).unref()
  })
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  response.end(text)
}
