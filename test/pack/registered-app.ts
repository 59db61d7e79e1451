import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type DecodedSpan, decodePayload } from '../../packages/exporter-datadog/test/decode.ts'
import { FakeAgent } from '../../packages/exporter-datadog/test/fake-agent.ts'

const BODY = `
async function main(express) {
  const app = express()
  app.get('/orders/:id', (req, res) => res.json({ id: req.params.id }))
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  await (await fetch('http://127.0.0.1:' + server.address().port + '/orders/7')).text()
  server.close(); server.closeAllConnections()
}
`

/** An app that has nothing of Hashira in it. */
export const REGISTERED_ESM = `import express from 'express'${BODY}await main(express)\n`
export const REGISTERED_CJS = `const express = require('express')${BODY}main(express)\n`

export interface Receivers {
  /** For an app that sends to them. */
  readonly env: NodeJS.ProcessEnv
  readonly datadogSpans: () => DecodedSpan[]
  /** Of segments and subsegments, as the app called them. */
  readonly xrayNames: () => string[]
  readonly dogstatsdLines: () => string[]
}

/** A Datadog agent and an X-Ray daemon, as far as an app can tell. */
export async function withReceivers(use: (receivers: Receivers) => Promise<void>): Promise<void> {
  const agent = await new FakeAgent().listen()
  const [xray, dogstatsd] = [await udpReceiver(), await udpReceiver()]
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(OTEL|HASHIRA|NODE_OPTIONS|DD_|AWS_)/.test(name),
  )
  const env = {
    ...Object.fromEntries(inherited),
    HASHIRA_QUIET: 'true',
    HASHIRA_EXPORTERS: 'datadog,xray',
    DD_TRACE_AGENT_URL: agent.url,
    DD_DOGSTATSD_URL: `udp://127.0.0.1:${dogstatsd.port}`,
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${xray.port}`,
  }
  try {
    await use({
      env,
      datadogSpans: () =>
        agent.payloads
          .filter(({ path }) => path === '/v0.4/traces')
          .flatMap(({ body }) => decodePayload(body, '0.4'))
          .flatMap(({ spans }) => spans),
      xrayNames: () => xray.datagrams.map(xrayName),
      dogstatsdLines: () => dogstatsd.datagrams.flatMap((text) => text.split('\n')),
    })
  } finally {
    xray.close()
    dogstatsd.close()
    await agent.close()
  }
}

/** Behind the daemon's header line. */
function xrayName(datagram: string): string {
  const document = JSON.parse(datagram.slice(datagram.indexOf('\n') + 1))
  return document.metadata?.default?.['otel.span.name'] ?? document.name
}

async function udpReceiver() {
  const datagrams: string[] = []
  const socket = createSocket('udp4', (message) => datagrams.push(message.toString()))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { datagrams, port: socket.address().port, close: () => socket.close() }
}
