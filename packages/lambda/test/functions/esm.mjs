import { setTimeout as delay } from 'node:timers/promises'
import { observe } from '@hashira/lambda'
import { tracer } from '@hashira/tracing'

const work = (name, ms = 1) => tracer.span(name, () => delay(ms))

export const asynchronous = observe(async (event) => {
  await work('load')
  return event.answer ?? { ok: true }
})

export const failing = observe(async () => {
  await work('load')
  throw new TypeError('no such cart')
})

export const throwing = observe(() => {
  throw new RangeError('at once')
})

export const slow = observe(async () => {
  await work('first')
  await work('never ends', 60_000)
})

export const streaming = awslambda.streamifyResponse(
  observe(async (_event, response) => {
    await work('load')
    response.write('first,')
    response.end('last')
  }),
)

export const streamingOutside = observe(
  awslambda.streamifyResponse(async (_event, response) => {
    await work('load')
    response.end('whole')
  }),
)
