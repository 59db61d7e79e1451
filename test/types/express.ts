import { observe } from '@hashira/express'
import express from 'express'
import type { Request as Request4, Response as Response4 } from 'express4'
import express4 from 'express4'

const app = express()
app.use(observe())
app.use(
  observe({
    ignore: ['/health', /^\/internal\//, (request) => request.headers['x-probe'] === '1'],
    labels: { tenant: (request) => String(request.headers['x-tenant']) },
    buckets: [0.1, 1],
    onRequest: (span, request) => span.setAttribute('path', request.url ?? ''),
    onResponse: (span, _request, response) =>
      span.setAttribute('length', Number(response.getHeader('content-length'))),
    isError: (status) => status >= 500,
  }),
)
app.get('/silent', observe.off, (_request, response) => {
  response.end()
})
app.get('/named', observe.route('/name'), (_request, response) => {
  response.end()
})

const app4 = express4()
app4.use(observe())
app4.get('/silent', observe.off, (_request: Request4, response: Response4) => {
  response.end()
})

// @ts-expect-error an option that is not known
observe({ ignored: [] })
// @ts-expect-error a bucket is a number
observe({ buckets: ['1'] })

// exactOptionalPropertyTypes: an option may be given as undefined.
observe({ ignore: undefined, labels: undefined, isError: undefined })
