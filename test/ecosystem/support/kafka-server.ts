import { listen, messages } from './tcp-server.ts'

const PRODUCE = 0
const METADATA = 3
const API_VERSIONS = 18
const TOPIC = 'orders'

/** A broker with one topic, `orders`, that takes what is produced (protocol: Produce 3, Metadata 0, ApiVersions 0). */
export async function kafkaServer(produced: (request: Buffer) => void): Promise<number> {
  const port: number = await listen((socket) => {
    messages(
      socket,
      (bytes) => (bytes.length < 4 ? undefined : bytes.readInt32BE(0) + 4),
      (request) => {
        const key = request.readInt16BE(4)
        const correlation = int32(request.readInt32BE(8))
        if (key === PRODUCE) produced(request)
        const body = key === PRODUCE ? takenBody() : key === METADATA ? metadataBody(port) : versionsBody()
        socket.write(Buffer.concat([int32(body.length + 4), correlation, body]))
      },
    )
  })
  return port
}

function versionsBody(): Buffer {
  const ranges = [
    [PRODUCE, 3, 3],
    [METADATA, 0, 0],
    [API_VERSIONS, 0, 0],
  ]
  return Buffer.concat([int16(0), int32(ranges.length), ...ranges.flat().map(int16)])
}

function metadataBody(port: number): Buffer {
  const broker = [int32(1), text('127.0.0.1'), int32(port)]
  const partition = [int16(0), int32(0), int32(1), int32(1), int32(1), int32(1), int32(1)]
  return Buffer.concat([int32(1), ...broker, int32(1), int16(0), text(TOPIC), int32(1), ...partition])
}

function takenBody(): Buffer {
  const partition = [int32(0), int16(0), Buffer.alloc(8), Buffer.alloc(8, 0xff)]
  return Buffer.concat([int32(1), text(TOPIC), int32(1), ...partition, int32(0)])
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function text(value: string): Buffer {
  return Buffer.concat([int16(value.length), Buffer.from(value)])
}
