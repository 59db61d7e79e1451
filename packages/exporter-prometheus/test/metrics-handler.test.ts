import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { AttributeList, setResource } from '@hashira/core'
import { metricsHandler } from '@hashira/exporter-prometheus'
import express from 'express'
import fastify from 'fastify'
import { parseExposition } from './exposition-parser'
import { OPENMETRICS, scrape } from './serve'

setResource({ attributes: new AttributeList(['service.name', 'shop']) })

async function urlOf(t: TestContext, server: Server): Promise<string> {
  if (!server.listening) await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
}

async function check(url: string): Promise<void> {
  const text = await scrape(url)
  assert.equal(text.type, 'text/plain; version=0.0.4; charset=utf-8')
  assert.equal(parseExposition(text.text, 'text')[0]?.samples[0]?.labels['service_name'], 'shop')
  const openMetrics = await scrape(url, OPENMETRICS)
  assert.match(openMetrics.type ?? '', /^application\/openmetrics-text/)
  parseExposition(openMetrics.text, 'openmetrics')
}

test('metricsHandler() in Express', async (t) => {
  const app = express()
  app.get('/metrics', metricsHandler())
  await check(await urlOf(t, app.listen(0, '127.0.0.1')))
})

test('metricsHandler() in Fastify', async (t) => {
  const app = fastify()
  t.after(() => app.close())
  app.get('/metrics', metricsHandler())
  await app.listen({ port: 0, host: '127.0.0.1' })
  await check(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/metrics`)
})

test('metricsHandler() in node:http', async (t) => {
  await check(await urlOf(t, createServer(metricsHandler()).listen(0, '127.0.0.1')))
})
