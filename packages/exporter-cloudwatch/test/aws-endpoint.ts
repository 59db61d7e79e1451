import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { verifySignature } from '../../aws/test/support/sigv4'
import { credentials, type Json } from './support'

export interface AwsCall {
  /** `PutLogEvents`, or the path where there is no target. */
  readonly action: string
  /** `20261126/eu-west-1/logs/aws4_request` */
  readonly scope: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly json: Json
}

export interface AwsAnswer {
  readonly status?: number
  readonly body?: string | Uint8Array
  readonly headers?: Record<string, string>
}

/** An AWS service, as far as signatures go: it answers 403 as AWS does to one that is wrong. */
export class AwsEndpoint {
  readonly calls: AwsCall[] = []
  answer: (call: AwsCall) => AwsAnswer = () => ({})
  readonly #server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { status = 200, body = '{}', headers } = this.#take(request, Buffer.concat(chunks))
    response.writeHead(status, headers).end(body)
  })

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #take({ method, url, headers }: IncomingMessage, sent: Buffer): AwsAnswer {
    try {
      const received = { method: method!, target: url!, headers, body: sent }
      const scope = verifySignature(received, credentials.secretAccessKey)
      const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
      const isJson = /json/.test(String(headers['content-type']))
      const action = String(headers['x-amz-target'] ?? url).replace(/^.*\./, '')
      const call = { action, scope, headers, body, json: isJson ? JSON.parse(body.toString()) : undefined }
      this.calls.push(call)
      return this.answer(call)
    } catch (error) {
      const answer = { __type: 'InvalidSignatureException', message: String(error) }
      return { status: 403, body: JSON.stringify(answer) }
    }
  }
}

export function awsError(code: string, status = 400): AwsAnswer {
  return { status, body: JSON.stringify({ __type: `com.amazonaws#${code}`, message: `about ${code}` }) }
}
