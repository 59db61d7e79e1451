// Hono and Nest take what the entries of @hashira/http give; options see the frameworks' own types where they are annotated.

import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { observeServer } from '@hashira/http'
import { observe as observeHono } from '@hashira/http/hono'
import { observe as observeKoa } from '@hashira/http/koa'
import { HashiraModule } from '@hashira/http/nest'
import type { DynamicModule } from '@nestjs/common'
import { type Context, Hono } from 'hono'

// Koa's own types do not pass library checks; its app takes this in test/frameworks/koa.test.ts.
observeKoa({ onResponse: (span, context, response) => span.setAttribute(context.ip, response.method) })

const hono = new Hono<{ Variables: { tenant: string } }>()
hono.use(observeHono())
hono.use(
  '*',
  observeHono({
    ignore: ['/healthz', (context) => context.req.header('x-probe') === '1'],
    labels: { tenant: (context: Context<{ Variables: { tenant: string } }>) => context.get('tenant') },
  }),
)

const module: DynamicModule = HashiraModule.forRoot({ clientAddress: true })
export const modules = [module, HashiraModule.forRoot()]

export const stops: (() => void)[] = [
  observeServer(createServer(), { accessLog: true }),
  observeServer(createHttp2Server()),
]
// @ts-expect-error an option that is not known
observeKoa({ ingore: [] })
// @ts-expect-error a label must be given by a function
observeHono({ labels: { tenant: 'acme' } })
