// A Lambda runtime: asks the Runtime API for invocations and calls the handler as Lambda's own runtimes for Node do.
// usage: runtime-client.mjs FILE HANDLER
import { Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { post, take } from './runtime-calls.mjs'

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming')
globalThis.awslambda = {
  streamifyResponse(handler) {
    handler[STREAMING] = 'response'
    return handler
  },
}

const [file, name] = process.argv.slice(2)
const module = await import(pathToFileURL(file).href)
const handler = module[name] ?? module.default[name]

for (;;) {
  const { event, headers } = await take()
  const id = headers['lambda-runtime-aws-request-id']
  if (headers['lambda-runtime-trace-id']) process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id']
  else delete process.env._X_AMZN_TRACE_ID
  const context = {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: id,
    getRemainingTimeInMillis: () => Number(headers['lambda-runtime-deadline-ms']) - Date.now(),
  }
  try {
    const isStreaming = handler[STREAMING] === 'response'
    const body = isStreaming
      ? await stream(event, context)
      : JSON.stringify((await call(event, context)) ?? null)
    await post(`/invocation/${id}/response`, body)
  } catch (error) {
    await post(
      `/invocation/${id}/error`,
      JSON.stringify({ errorType: error.name, errorMessage: error.message }),
    )
  }
}

function call(event, context) {
  return new Promise((resolve, reject) => {
    const result = handler(event, context, (error, value) => (error ? reject(error) : resolve(value)))
    if (typeof result?.then === 'function') result.then(resolve, reject)
    else if (handler.length < 3) resolve(null)
  })
}

async function stream(event, context) {
  const chunks = []
  const response = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  await handler(event, response, context)
  return Buffer.concat(chunks).toString()
}
