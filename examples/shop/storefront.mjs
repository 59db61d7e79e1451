// The shop window: Express, one line of Hashira.
import { observe } from '@hashira/express'
import { logger } from '@hashira/logs'
import { tracer } from '@hashira/tracing'
import express from 'express'

const products = new Map([
  ['1', { id: '1', name: 'Oak pillar', price: 120 }],
  ['2', { id: '2', name: 'Stone base', price: 45 }],
])

const app = express()
app.use(observe())
app.use(express.json())

const catalogue = express.Router()
catalogue.get('/:id', (request, response) => {
  const product = products.get(request.params.id)
  if (product === undefined) {
    logger.warn({ product: request.params.id }, 'no such product')
    response.status(404).json({ error: 'no such product' })
    return
  }
  response.json(product)
})
app.use('/products', catalogue)

app.post('/checkout/:cart', async (request, response) => {
  const { cart } = request.params
  logger.info({ cart }, 'checkout')
  const total = tracer.span('price the cart', (span) => {
    const items = request.body.items ?? []
    span.setAttribute('cart.items', items.length)
    return items.reduce((sum, id) => sum + (products.get(id)?.price ?? 0), 0)
  })
  const payment = await fetch(`${process.env.PAYMENTS_URL}/payments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cart, total, card: request.body.card }),
  })
  if (payment.status >= 500) throw new Error(`payments answered ${payment.status}`)
  response.status(payment.status).json(await payment.json())
})

app.use((error, _request, response, _next) => {
  logger.error({ err: error }, 'checkout failed')
  response.status(502).json({ error: 'payment is not available' })
})

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'))
// Whoever started this is gone.
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => server.close(() => process.exit()))
