import type { IncomingMessage, ServerResponse } from 'node:http'
import { collectMetrics, currentResource, type PullHost } from '@hashira/core'
import { answerScrape } from './scrape'

/** Of Fastify's request and reply, what is needed. */
interface RequestWrapper {
  readonly raw: IncomingMessage
}
interface ReplyWrapper {
  readonly raw: ServerResponse
  hijack(): unknown
}

/** Fits Express (`app.get('/metrics', handler)`), Fastify (the same) and `node:http`. */
export type MetricsHandler = (
  request: IncomingMessage | RequestWrapper,
  response: ServerResponse | ReplyWrapper,
) => void

const host: PullHost = {
  get resource() {
    return currentResource()
  },
  collect: collectMetrics,
}

/**
 * Serves the metrics on a port of the app's own; `HASHIRA_PROMETHEUS_PORT=none` closes Hashira's. Negotiates format and
 * compression like the listener. Answers GET and HEAD, anything else with 405.
 */
export function metricsHandler(): MetricsHandler {
  return (request, response) => {
    if ('hijack' in response) {
      response.hijack()
      answerScrape({ request: (request as RequestWrapper).raw, response: response.raw, host })
    } else answerScrape({ request: request as IncomingMessage, response, host })
  }
}
