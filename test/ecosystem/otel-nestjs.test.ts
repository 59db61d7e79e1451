import 'reflect-metadata'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { waitFor } from '@hashira/testing'
import { NestInstrumentation } from '@opentelemetry/instrumentation-nestjs-core'
import { observed } from './support/observed.ts'

const require = createRequire(import.meta.url)
const { memory } = observed({ instrumentations: [new NestInstrumentation()] })
const nest11 = createRequire(new URL('nest11/package.json', import.meta.url))
const { Controller, Get, Module } = nest11('@nestjs/common')
const { NestFactory } = nest11('@nestjs/core')
const { observe } = require('@hashira/express')

class CatsController {
  find() {
    return 'a cat'
  }
}
Get('cats')(
  CatsController.prototype,
  'find',
  Object.getOwnPropertyDescriptor(CatsController.prototype, 'find'),
)
Controller()(CatsController)
class AppModule {}
Module({ controllers: [CatsController] })(AppModule)

test('NestJS by its OpenTelemetry instrumentation, below the span of the request', async () => {
  const app = await NestFactory.create(AppModule, { logger: false })
  app.use(observe())
  await app.listen(0, '127.0.0.1')
  after(() => app.close())
  const response = await fetch(`${await app.getUrl()}/cats`)
  assert.equal(await response.text(), 'a cat')
  await waitFor(() => memory.spans.some(({ name }) => name === 'GET /cats'))
  const server = memory.spans.find(({ name }) => name === 'GET /cats')!
  const own = memory.spans.filter(({ scope }) => scope.name === '@opentelemetry/instrumentation-nestjs-core')
  const handler = own.find(({ attributes }) => attributes['nestjs.type'] === 'request_context')
  assert.equal(handler?.traceId, server.traceId)
  assert.equal(handler?.parentSpanId, server.spanId)
})
