// Stands in for the native part of AWS's runtime client, which is built from C++ when it is installed: the same three calls of
// the Runtime API, `done` and `error` synchronous as there. In a thread, because the native part is seen by nobody either.
const Module = require('node:module')
const { Worker } = require('node:worker_threads')
const { join } = require('node:path')

const original = Module._load
Module._load = function (request, ...rest) {
  return request.endsWith('rapid-client.node') ? client() : original.call(this, request, ...rest)
}

function client() {
  const worker = new Worker(join(__dirname, 'native-thread.mjs'), { execArgv: [] })
  worker.unref()
  const ask = (message) => {
    const done = new Int32Array(new SharedArrayBuffer(4))
    worker.postMessage({ ...message, done })
    Atomics.wait(done, 0, 0)
  }
  return {
    initializeClient() {},
    next() {
      worker.ref()
      worker.postMessage({ next: true })
      return new Promise((resolve) => {
        worker.once('message', (invocation) => {
          worker.unref()
          resolve(invocation)
        })
      })
    },
    done(id, body) {
      ask({ path: `/invocation/${id}/response`, body })
    },
    error(id, body) {
      ask({ path: `/invocation/${id}/error`, body })
    },
  }
}
