import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'

interface ServerConnection {
  serverHandshake(options: object): void
  writeOk(): void
  writeTextResult(rows: object[], columns: object[]): void
  writeError(error: object): void
  _resetSequenceId(): void
  on(event: string, listener: (argument: never) => void): void
}

interface Mysql {
  createServer(serve: (connection: ServerConnection) => void): {
    listen(port: number, host: string): void
    close(): void
    _server: { address(): AddressInfo; once(event: string, listener: () => void): void }
  }
}

const column = {
  catalog: 'def',
  schema: 'shop',
  table: 'users',
  orgTable: 'users',
  name: 'id',
  orgName: 'id',
  characterSet: 33,
  columnLength: 11,
  columnType: 3,
  flags: 0,
  decimals: 0,
}

/** The server that mysql2 brings along: one row for every query, an error for tables that are called `missing`. */
export async function mysqlServer(mysql: Mysql): Promise<number> {
  const server = mysql.createServer((connection) => {
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion: '8.0.0',
      connectionId: 1,
      statusFlags: 2,
      characterSet: 8,
      capabilityFlags: 0xffffff ^ 0x800,
    })
    connection.on('error', () => {})
    connection.on('query', (sql: string) => {
      if (sql.includes('missing'))
        connection.writeError({ code: 1146, message: "Table 'shop.missing' doesn't exist" })
      else connection.writeTextResult([{ id: 7 }], [column])
      connection._resetSequenceId()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server._server as never, 'listening')
  after(() => server.close())
  return server._server.address().port
}
