import 'reflect-metadata'
import assert from 'node:assert/strict'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { recordError } from '@hashira/core'
import { instrumentServers } from '@hashira/http'
import { HashiraModule, type NestObserveOptions } from '@hashira/http/nest'
import { tracer } from '@hashira/tracing'
import {
  Catch,
  Controller,
  ForbiddenException,
  Get,
  type INestApplication,
  Module,
  Param,
  ParseIntPipe,
  UseFilters,
  UseGuards,
  VersioningType,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { ask, factsOf, observedServers } from './observed.ts'

const observed = observedServers()

// Decorators by hand: these tests are run without a compiler that knows them.
function decorate(target: object, name: string, ...decorators: ((...args: never[]) => unknown)[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name)
  for (const decorator of decorators) decorator(target as never, name as never, descriptor as never)
}

class Recovering {
  catch(
    error: Error,
    host: { switchToHttp(): { getResponse(): { status(code: number): { send(body: string): void } } } },
  ) {
    recordError(error)
    host.switchToHttp().getResponse().status(200).send('recovered')
  }
}
Catch()(Recovering)

class UsersController {
  find(id: number): unknown {
    return tracer.span('inside', () => ({ id }))
  }
  broken(): void {
    throw new RangeError('broken')
  }
  forbidden(): void {
    throw new ForbiddenException()
  }
  recovered(): void {
    throw new TypeError('recorded by the filter')
  }
  guarded(): void {}
}
Controller({ path: 'users', version: '1' })(UsersController)
decorate(UsersController.prototype, 'find', Get(':id'))
Param('id', ParseIntPipe)(UsersController.prototype, 'find', 0)
decorate(UsersController.prototype, 'broken', Get('fail/broken'))
decorate(UsersController.prototype, 'forbidden', Get('fail/forbidden'))
decorate(UsersController.prototype, 'recovered', Get('fail/recovered'), UseFilters(new Recovering()))
decorate(UsersController.prototype, 'guarded', Get('fail/guarded'), UseGuards({ canActivate: () => false }))

const platforms: [string, () => unknown][] = [
  ['platform-express', () => new ExpressAdapter()],
  ['platform-fastify', () => new FastifyAdapter()],
]

for (const [platform, adapter] of platforms) {
  describe(`Nest on ${platform}`, () => {
    async function open(options?: NestObserveOptions): Promise<number> {
      class AppModule {}
      Module({ imports: [HashiraModule.forRoot(options)], controllers: [UsersController] })(AppModule)
      const app = (await NestFactory.create(AppModule, adapter() as never, {
        logger: false,
      })) as INestApplication
      app.setGlobalPrefix('api')
      app.enableVersioning({ type: VersioningType.URI })
      observed.closeLater(() => app.close())
      await app.listen(0, '127.0.0.1')
      const server = app.getHttpServer() as Server
      observed.closeLater(() => server.closeAllConnections())
      return (server.address() as AddressInfo).port
    }

    test('routes as the controllers declare them, with prefix and version; none for a 404', async () => {
      const port = await open()
      await ask(port, '/api/v1/users/7?x=1')
      await ask(port, '/api/v1/nowhere/7')
      const spans = await observed.serverSpans(2)
      assert.deepEqual(spans.map(factsOf), [
        ['GET /api/v1/users/:id', 200, undefined],
        ['GET', 404, undefined],
      ])
      assert.equal(observed.spans.find(({ name }) => name === 'inside')?.parentSpanId, spans[0]?.spanId)
    })

    test('errors that filters answer: by handlers, pipes and guards', async () => {
      const port = await open()
      for (const path of ['broken', 'forbidden', 'recovered', 'guarded'])
        await ask(port, `/api/v1/users/fail/${path}`)
      await ask(port, '/api/v1/users/no-number')
      const spans = await observed.serverSpans(5)
      assert.deepEqual(spans.map(factsOf), [
        ['GET /api/v1/users/fail/broken', 500, 'RangeError'],
        ['GET /api/v1/users/fail/forbidden', 403, undefined],
        ['GET /api/v1/users/fail/recovered', 200, 'TypeError'],
        ['GET /api/v1/users/fail/guarded', 403, undefined],
        ['GET /api/v1/users/:id', 400, undefined],
      ])
      assert.equal(spans[0]?.statusMessage, 'broken')
      assert.match(String(spans[0]?.events[0]?.attributes['exception.stacktrace']), /RangeError: broken/)
    })

    test('a body that cannot be read is observed, with its options', async () => {
      const seen: unknown[] = []
      const port = await open({
        ignore: ['/healthz', (request) => request.headers['x-probe'] === '1'],
        onRequest: (_span, request) => void seen.push(request.method),
      })
      await ask(port, '/healthz')
      await ask(port, '/', { headers: { 'x-probe': '1' } })
      await ask(port, '/api/v1/users/7')
      await observed.serverSpans(1)
      assert.deepEqual(seen, ['GET'])
      const headers = { 'content-type': 'application/json' }
      await ask(port, '/api/v1/users/7', { method: 'POST', headers, body: '{ bad' })
      const [, bad] = await observed.serverSpans(2)
      assert.equal(bad?.name, 'POST')
    })

    test('beside all servers being observed: one span', async () => {
      observed.closeLater(instrumentServers())
      await ask(await open(), '/api/v1/users/7')
      assert.deepEqual((await observed.serverSpans(1)).map(factsOf), [
        ['GET /api/v1/users/:id', 200, undefined],
      ])
    })
  })
}
