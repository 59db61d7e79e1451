import type { AttributeValue } from '@hashira/core'

/** What may stand in metadata. */
export type MetadataValue =
  | null
  | AttributeValue
  | readonly MetadataValue[]
  | { readonly [key: string]: MetadataValue }
export type Metadata = Record<string, Record<string, MetadataValue>>
export type Annotations = Record<string, string | number | boolean>

export interface StackFrame {
  path: string
  line?: number | undefined
  label?: string | undefined
}

export interface XrayException {
  readonly id: string
  message?: string | undefined
  readonly type?: string | undefined
  readonly remote?: boolean | undefined
  /** How many frames were left out. */
  truncated?: number | undefined
  /** The id of the exception that caused this one. */
  cause?: string | undefined
  stack?: StackFrame[] | undefined
}

export interface Cause {
  readonly working_directory?: string | undefined
  exceptions: XrayException[]
}

export interface HttpBlock {
  readonly request?: {
    readonly method?: string | undefined
    /** Without its query. */
    readonly url?: string | undefined
    readonly user_agent?: string | undefined
    readonly client_ip?: string | undefined
    readonly x_forwarded_for?: boolean | undefined
    readonly traced?: boolean | undefined
  }
  readonly response?: {
    readonly status?: number | undefined
    readonly content_length?: number | undefined
  }
}

export interface SqlBlock {
  readonly url?: string | undefined
  readonly connection_string?: string | undefined
  sanitized_query?: string | undefined
  readonly database_type?: string | undefined
  readonly user?: string | undefined
  readonly preparation?: 'call' | 'statement' | undefined
}

/** Of the process, in segments. */
export interface AwsResourceBlock {
  readonly account_id?: string | undefined
  readonly cloudwatch_logs?:
    | readonly { readonly log_group: string; readonly arn?: string | undefined }[]
    | undefined
  readonly ec2?: Readonly<Record<string, string | undefined>> | undefined
  readonly ecs?: Readonly<Record<string, string | undefined>> | undefined
  readonly eks?: Readonly<Record<string, string | undefined>> | undefined
  readonly elastic_beanstalk?: Readonly<Record<string, string | number | undefined>> | undefined
  readonly xray?:
    | {
        readonly sdk: string
        readonly sdk_version: string
        readonly auto_instrumentation: boolean
        /** The sampling rule that took the trace (aws-xray-sdk-node, `setMatchedSamplingRule`). */
        readonly rule_name?: string | undefined
      }
    | undefined
}

/** Of a call to an AWS service, in subsegments. */
export interface AwsCallBlock {
  readonly operation?: string | undefined
  readonly account_id?: string | undefined
  readonly region?: string | undefined
  readonly request_id?: string | undefined
  readonly queue_url?: string | undefined
  readonly table_name?: string | undefined
  readonly table_names?: readonly string[] | undefined
  readonly bucket_name?: string | undefined
  readonly retries?: number | undefined
}

export interface LinkBlock {
  readonly trace_id: string
  readonly id: string
  readonly attributes?: Readonly<Record<string, MetadataValue>> | undefined
}

/** A segment, or a subsegment that is sent apart (AWS X-Ray developer guide, "Segment documents"). */
export interface SegmentDocument {
  readonly name: string
  readonly id: string
  readonly trace_id: string
  readonly parent_id?: string | undefined
  readonly type?: 'subsegment' | undefined
  readonly namespace?: 'aws' | 'remote' | undefined
  /** Unix time in seconds. */
  readonly start_time: number
  readonly end_time: number
  readonly origin?: string | undefined
  readonly resource_arn?: string | undefined
  readonly user?: string | undefined
  readonly service?: { readonly version: string } | undefined
  readonly error?: true | undefined
  readonly throttle?: true | undefined
  readonly fault?: true | undefined
  readonly http?: HttpBlock | undefined
  readonly aws?: AwsResourceBlock | AwsCallBlock | undefined
  readonly sql?: SqlBlock | undefined
  cause?: Cause | undefined
  links?: readonly LinkBlock[] | undefined
  annotations?: Annotations | undefined
  metadata?: Metadata | undefined
}
