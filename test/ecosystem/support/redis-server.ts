import { listen } from './tcp-server.ts'

/** Answers enough of RESP 2 and 3 for the clients: a greeting, `GET`, `SET`, transactions, and an error for `INCR`. */
export function redisServer(): Promise<number> {
  return listen((socket) => {
    let text = ''
    let queued = 0
    let isQueuing = false
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      for (let command = take(); command !== undefined; command = take()) socket.write(answer(command))
    })

    function take(): string[] | undefined {
      const head = /^\*(\d+)\r\n/.exec(text)
      if (head === null) return undefined
      const words: string[] = []
      let at = head[0].length
      for (let i = 0; i < Number(head[1]); i++) {
        const size = /^\$(\d+)\r\n/.exec(text.slice(at))
        if (size === null) return undefined
        const start = at + size[0].length
        if (text.length < start + Number(size[1]) + 2) return undefined
        words.push(text.slice(start, start + Number(size[1])))
        at = start + Number(size[1]) + 2
      }
      text = text.slice(at)
      return words
    }

    function answer([name = '', key = '']: string[]): string {
      const command = name.toUpperCase()
      if (command === 'MULTI') {
        isQueuing = true
        queued = 0
        return '+OK\r\n'
      }
      if (command === 'EXEC') {
        isQueuing = false
        return `*${queued}\r\n${'+OK\r\n'.repeat(queued)}`
      }
      if (isQueuing) {
        queued++
        return '+QUEUED\r\n'
      }
      if (command === 'HELLO') return key === '3' ? '%1\r\n$5\r\nproto\r\n:3\r\n' : '-ERR unknown command\r\n'
      if (command === 'INFO') return bulk('redis_version:7.4.0\r\nloading:0\r\n')
      if (command === 'GET') return bulk(`value of ${key}`)
      if (command === 'INCR') return '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n'
      return '+OK\r\n'
    }
  })
}

function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`
}
