import type { AttributeReader } from './attribute-reader'
import { cut, defined } from './limits'
import type { SqlBlock } from './segment-document'

// Values of `db.system.name`, and of `db.system` before it, whose queries are SQL.
const SQL_SYSTEMS = new Set(
  `actian.ingres cache clickhouse cockroachdb db2 derby edb firebird firstsql gcp.spanner h2database h2 hanadb hive hsqldb ibm.db2
   ibm.informix ibm.netezza informix ingres instantdb interbase intersystems_cache mariadb maxdb microsoft.sql_server mssql
   mssqlcompact mysql netezza oracle oracle.db other_sql pervasive pointbase postgresql presto progress aws.redshift redshift
   sap.hana sap.maxdb snowflake spanner sqlite sybase teradata tidb trino vertica yugabytedb`.split(/\s+/),
)
const MAX_QUERY = 4_096

/** @param withQuery `false` leaves the query out (`AWS_XRAY_COLLECT_SQL_QUERIES`) */
export function sqlBlock(attributes: AttributeReader, withQuery: boolean): SqlBlock | undefined {
  const system = attributes.peekText('db.system.name', 'db.system')
  if (system === undefined || !SQL_SYSTEMS.has(system)) return undefined
  const procedure = attributes.peekText('db.stored_procedure.name')
  return defined({
    ...placeOf(attributes, system),
    sanitized_query: queryOf(attributes, withQuery),
    database_type: attributes.text('db.system.name', 'db.system'),
    user: attributes.text('db.user'),
    preparation: procedure === undefined ? undefined : ('call' as const),
  })
}

function queryOf(attributes: AttributeReader, withQuery: boolean): string | undefined {
  if (withQuery) return attributes.textUpTo(MAX_QUERY, 'db.query.text', 'db.statement')
  // Taken all the same: it is not for the metadata either.
  attributes.take('db.query.text')
  attributes.take('db.statement')
  return undefined
}

/** A URL has a host and a database, `mysql://db.example:3306/orders`; what is less is a connection string. */
function placeOf(attributes: AttributeReader, system: string): Pick<SqlBlock, 'url' | 'connection_string'> {
  const given = attributes.take('db.connection_string')
  const name = attributes.text('db.namespace', 'db.name')
  const address = attributes.text('server.address', 'net.peer.name')
  const port = attributes.number('server.port', 'net.peer.port')
  if (address === undefined) return { connection_string: withoutPassword(given) ?? name }
  const host = port === undefined ? address : `${address}:${port}`
  return name === undefined
    ? { connection_string: host }
    : { url: cut(`${system}://${host}/${name.replace(/[?#%\s]/g, encodeURIComponent)}`) }
}

/** Taken whole, so that what it hides is not in the metadata either. */
function withoutPassword(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined
  return cut(text.replace(/\/\/[^/@]*@/, '//').replace(/\b(password|pwd)=[^;&\s]*/gi, '$1=REDACTED'))
}
