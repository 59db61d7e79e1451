import type { SpanKind } from '@opentelemetry/api'
import { SLOT } from './attribute-keys'
import { KIND } from './kinds'
import type { Slots } from './span-facts'

/** Databases that have a type of their own. */
const OWN_TYPE = ['cassandra', 'redis', 'memcached', 'mongodb', 'elasticsearch', 'opensearch']
const NOT_SQL = ['hive', 'hbase', 'neo4j', 'couchbase', 'couchdb', 'cosmosdb', 'dynamodb', 'geode']
const SQL = (
  'other_sql mssql microsoft.sql_server mysql oracle oracle.db db2 ibm.db2 postgresql redshift aws.redshift cloudscape hsqldb ' +
  'maxdb sap.maxdb ingres actian.ingres firstsql edb cache intersystems_cache firebird firebirdsql derby informix ibm.informix ' +
  'mariadb sqlite sybase teradata vertica h2 h2database coldfusion cockroachdb progress hanadb sap.hana adabas softwareag.adabas ' +
  'filemaker instantdb interbase netezza ibm.netezza pervasive pointbase clickhouse trino'
).split(' ')

// opentelemetry-mapping-go `attributes.DBTypes`, and the names that semantic conventions 1.30 gave some of them.
const TYPES = new Map([
  ...SQL.map((name) => [name, 'sql'] as const),
  ...OWN_TYPE.map((name) => [name, name] as const),
  ...NOT_SQL.map((name) => [name, 'db'] as const),
])

/** `web`, `http`, `sql`, `redis` … by the agent's rules for OTLP (`GetOTelSpanType`); the attribute `span.type` wins. */
export function spanType(kind: SpanKind, slots: Slots): string {
  const given = slots[SLOT.type]
  if (given) return given
  if (kind === KIND.SERVER) return 'web'
  if (kind !== KIND.CLIENT) return 'custom'
  const database = slots[SLOT.dbSystem]
  return database ? (TYPES.get(database) ?? 'db') : 'http'
}
