import { writeSync } from 'node:fs'
import type { Writable } from 'node:stream'
import type { Batch, SendResult, Transport } from '@hashira/core'

/** How often `sendSync` asks a pipe that is full again; 10 ms apart. */
const MAX_WAITS = 20

/**
 * Writes to the process's own output, past `console`: Lambda's would wrap a document into a log line of its own. What a pipe or a
 * file is given there is with the operating system when `write` returns, so nothing is lost at exit.
 */
export class StdoutTransport implements Transport {
  readonly destination: string
  readonly #stream: Writable

  constructor(stream: Writable, destination: string) {
    this.#stream = stream
    this.destination = destination
  }

  send(batch: Batch): Promise<SendResult> {
    const stream = this.#stream
    // A reader that is gone (EPIPE) is an error event as well, which would end an app that does not listen.
    stream.on('error', ignore)
    return new Promise((resolve) => {
      try {
        stream.write(batch.bytes, (error) => {
          setImmediate(() => stream.off('error', ignore))
          resolve(resultOf(error))
        })
      } catch (error) {
        stream.off('error', ignore)
        resolve(resultOf(error as Error))
      }
    })
  }

  sendSync(batch: Batch): boolean {
    const { fd, writableLength } = this.#stream as Writable & { readonly fd?: unknown }
    // What is still in the stream must not be overtaken.
    if (typeof fd === 'number' && writableLength === 0) return writeWholly(fd, batch.bytes)
    this.#stream.on('error', ignore)
    this.#stream.write(batch.bytes)
    return true
  }
}

function ignore(): void {}

/** A closed output stays closed. */
function resultOf(error: Error | null | undefined): SendResult {
  if (error === null || error === undefined) return { outcome: 'delivered' }
  return { outcome: 'drop', reason: 'stdout_error', message: error.message }
}

function writeWholly(fd: number, bytes: Uint8Array): boolean {
  let waits = 0
  for (let written = 0; written < bytes.byteLength; ) {
    try {
      written += writeSync(fd, bytes, written)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || ++waits > MAX_WAITS) return false
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
  return true
}
