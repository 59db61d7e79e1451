import type { AttributeReader } from './attribute-reader'
import { cut, defined } from './limits'
import type { AwsCallBlock } from './segment-document'

const MAX_NAMES = 25

/** What was asked of which AWS resource. Attributes as the AWS SDK instrumentations and X-Ray's own exporters name them. */
export function awsCallBlock(attributes: AttributeReader): AwsCallBlock | undefined {
  const tables = [
    ...attributes.texts('aws.dynamodb.table_names'),
    ...attributes.texts('aws.table_name'),
    ...attributes.texts('aws.table.name'),
  ]
  return defined({
    operation: attributes.text('aws.operation', 'rpc.method'),
    account_id: attributes.text('aws.account_id'),
    region: attributes.text('aws.region', 'cloud.region'),
    request_id: attributes.text('aws.request_id', 'aws.requestId', 'aws.request.id'),
    queue_url: attributes.text('aws.sqs.queue.url', 'messaging.url', 'aws.queue_url', 'aws.queue.url'),
    table_name: tables.length === 0 ? undefined : cut(tables[0]!),
    table_names: tables.length > 1 ? tables.slice(0, MAX_NAMES).map((name) => cut(name)) : undefined,
    bucket_name: attributes.text('aws.s3.bucket'),
    retries: attributes.number('aws.xray.retries', 'http.request.resend_count'),
  })
}
