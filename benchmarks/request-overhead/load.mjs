import { once } from 'node:events'
import { connect } from 'node:net'

const lines = [
  'GET /users/42 HTTP/1.1',
  'Host: localhost',
  'User-Agent: hashira-bench',
  'Accept: application/json',
]
const request = `${lines.join('\r\n')}\r\n\r\n`
const headEnd = '\r\n\r\n'

/** How many loads are under way. */
let underWay = 0

/**
 * Sends `requests` requests over `connections` keep-alive connections, one at a time on each, and rejects at the first answer
 * that is not 200. Written on sockets because an HTTP client would use more of its core than the server under test. It never sleeps
 * meanwhile: an answer to a sleeping client makes the server's core wake the other one, 3 µs and more of a virtual machine's time.
 */
export async function sendLoad({ port, requests, connections }) {
  const left = { count: requests }
  if (underWay++ === 0) stayAwake()
  try {
    await Promise.all(
      Array.from({ length: Math.min(connections, requests) }, () => oneConnection(port, left)),
    )
  } finally {
    underWay--
  }
}

function stayAwake() {
  if (underWay > 0) setImmediate(stayAwake)
}

async function oneConnection(port, left) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.setEncoding('latin1')
  await once(socket, 'connect')
  await new Promise((resolve, reject) => {
    let received = ''
    const next = () => {
      received = ''
      if (left.count-- > 0) socket.write(request)
      else socket.end(resolve)
    }
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the server closed a connection')))
    socket.on('data', (chunk) => {
      received += chunk
      if (!isComplete(received)) return
      if (received.startsWith('HTTP/1.1 200 ')) next()
      else socket.destroy(new Error(`unexpected answer: ${received.slice(0, 200)}`))
    })
    next()
  })
}

function isComplete(text) {
  const head = text.indexOf(headEnd)
  if (head < 0) return false
  const length = /content-length: (\d+)/i.exec(text.slice(0, head))
  if (!length) throw new Error('the load generator needs a content-length')
  return text.length >= head + headEnd.length + Number(length[1])
}
