// The Runtime API by `node:net`: nothing that Hashira or anybody else observes in this process.
import { connect } from 'node:net'

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
const PREFIX = '/2018-06-01/runtime'

export async function take() {
  const { headers, body } = await request('GET', '/invocation/next', '')
  return { event: JSON.parse(body), headers }
}

export function post(path, body) {
  return request('POST', path, body)
}

function request(method, path, body) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host)
    const chunks = []
    const head = `${method} ${PREFIX}${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('end', () => resolve(parse(Buffer.concat(chunks).toString())))
    socket.write(head + body)
  })
}

function parse(text) {
  const [head, ...rest] = text.split('\r\n\r\n')
  const headers = Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
  )
  const body = rest.join('\r\n\r\n')
  return { headers, body: headers['transfer-encoding'] === 'chunked' ? dechunked(body) : body }
}

function dechunked(text) {
  let whole = ''
  let at = 0
  for (;;) {
    const end = text.indexOf('\r\n', at)
    const size = Number.parseInt(text.slice(at, end), 16)
    if (!(size > 0)) return whole
    whole += text.slice(end + 2, end + 2 + size)
    at = end + 2 + size + 2
  }
}
