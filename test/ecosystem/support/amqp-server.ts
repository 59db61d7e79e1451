import { listen, messages } from './tcp-server.ts'

const METHOD = 1
const FRAME_END = 0xce

/** Answers by class and method, as far as a publisher needs it (AMQP 0-9-1). */
const ANSWERS: ReadonlyMap<string, Buffer> = new Map([
  ['10.11', Buffer.from([0, 10, 0, 30, 0, 0, 0, 2, 0, 0, 0, 0])],
  ['10.40', Buffer.from([0, 10, 0, 41, 0])],
  ['10.50', Buffer.from([0, 10, 0, 51])],
  ['20.10', Buffer.from([0, 20, 0, 11, 0, 0, 0, 0])],
  ['20.40', Buffer.from([0, 20, 0, 41])],
])

/** A broker that takes everything that is published and calls `published` with the frame of each message's headers. */
export function amqpServer(published: (headers: Buffer) => void): Promise<number> {
  return listen((socket) => {
    let isGreeted = false
    messages(
      socket,
      (bytes) => {
        if (!isGreeted) return 8
        return bytes.length < 7 ? undefined : bytes.readUInt32BE(3) + 8
      },
      (frame) => {
        if (!isGreeted) {
          isGreeted = true
          socket.write(framed(0, start()))
          return
        }
        const channel = frame.readUInt16BE(1)
        if (frame[0] === 2) published(frame)
        if (frame[0] !== METHOD) return
        const answer = ANSWERS.get(`${frame.readUInt16BE(7)}.${frame.readUInt16BE(9)}`)
        if (answer !== undefined) socket.write(framed(channel, answer))
      },
    )
  })
}

function start(): Buffer {
  return Buffer.concat([
    Buffer.from([0, 10, 0, 10, 0, 9, 0, 0, 0, 0]),
    longText('PLAIN AMQPLAIN'),
    longText('en_US'),
  ])
}

function longText(text: string): Buffer {
  const bytes = Buffer.alloc(4 + text.length)
  bytes.writeUInt32BE(text.length)
  bytes.write(text, 4)
  return bytes
}

function framed(channel: number, payload: Buffer): Buffer {
  const frame = Buffer.alloc(payload.length + 8)
  frame[0] = METHOD
  frame.writeUInt16BE(channel, 1)
  frame.writeUInt32BE(payload.length, 3)
  frame.set(payload, 7)
  frame[frame.length - 1] = FRAME_END
  return frame
}
