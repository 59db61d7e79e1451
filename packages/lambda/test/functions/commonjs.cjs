const { observe } = require('@hashira/lambda')
const { tracer } = require('@hashira/tracing')

exports.callback = observe((event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false
  tracer.span('load', () => setTimeout(() => {}, 1))
  setTimeout(() => callback(event.fail ? new Error('refused') : null, { ok: true }), 5)
})
