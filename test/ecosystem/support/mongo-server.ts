import { createRequire } from 'node:module'
import { listen, messages } from './tcp-server.ts'

// When it is first needed: whoever instruments the driver does so before it is loaded.
const bson = () => createRequire(import.meta.url)('mongodb').BSON
const OP_QUERY = 2004
const OP_MSG = 2013
/** Flags and the kind of the first section, after the header. */
const BODY_AT = 21

/** Answers a driver's greeting, and every `find` with one document, in MongoDB's wire protocol (OP_MSG). */
export function mongoServer(): Promise<number> {
  return listen((socket) => {
    messages(
      socket,
      (bytes) => (bytes.length < 4 ? undefined : bytes.readInt32LE(0)),
      (message) => {
        const operation = message.readInt32LE(12)
        const id = message.readInt32LE(4)
        if (operation === OP_QUERY) return void socket.write(legacyReply(id, greeting()))
        if (operation !== OP_MSG) return
        const command = bson().deserialize(message.subarray(BODY_AT, BODY_AT + message.readInt32LE(BODY_AT)))
        socket.write(reply(id, answer(command)))
      },
    )
  })
}

function answer(command: Record<string, unknown>): object {
  if ('hello' in command || 'ismaster' in command) return greeting()
  if ('find' in command)
    return { cursor: { id: 0n, ns: `shop.${command['find']}`, firstBatch: [{ id: 7, name: 'me' }] }, ok: 1 }
  return { ok: 1 }
}

function greeting(): object {
  return {
    ok: 1,
    ismaster: true,
    isWritablePrimary: true,
    helloOk: true,
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    minWireVersion: 0,
    maxWireVersion: 21,
    localTime: new Date(),
  }
}

function reply(to: number, document: object): Buffer {
  const body = bson().serialize(document)
  const message = Buffer.alloc(BODY_AT + body.length)
  header(message, to, OP_MSG)
  message.set(body, BODY_AT)
  return message
}

/** OP_REPLY, for the first greeting of a connection. */
function legacyReply(to: number, document: object): Buffer {
  const body = bson().serialize(document)
  const message = Buffer.alloc(36 + body.length)
  header(message, to, 1)
  message.writeInt32LE(8, 16)
  message.writeInt32LE(1, 32)
  message.set(body, 36)
  return message
}

function header(message: Buffer, to: number, operation: number): void {
  message.writeInt32LE(message.length, 0)
  message.writeInt32LE(1, 4)
  message.writeInt32LE(to, 8)
  message.writeInt32LE(operation, 12)
}
