import { awsAnswer } from '@hashira/aws'
import type { Exporter, PushLogs, PushMetrics } from '@hashira/core'
import type { InterpretResponse } from '@hashira/delivery'
import { createOtlpExporter, OtlpLogEncoder, readPartialSuccess } from '@hashira/exporter-otlp'
import type { CloudWatchSettings } from '../cloudwatch-options'
import { signedCall } from './signed-call'

const CONTENT_TYPE = 'application/x-protobuf'
/** CloudWatch Logs takes 1 MB a request. */
const MAX_LOG_BYTES = 1_000_000

/** Metrics to `monitoring`, and logs to `logs` where their group and stream, which the endpoint wants to be there, are named. */
export function viaOtlp(settings: CloudWatchSettings): Pick<Exporter, 'metrics' | 'logs'> {
  const { logGroupName, logStreamName } = settings
  const place = logGroupName && logStreamName ? { logGroupName, logStreamName } : undefined
  return { metrics: pushMetrics(settings), logs: place && pushLogs(settings, place) }
}

function pushMetrics(settings: CloudWatchSettings): PushMetrics {
  const { temporality, timeoutMs, metricIntervalMs: intervalMs, maxQueueBytes } = settings
  const transport = signedCall(settings, {
    service: 'monitoring',
    path: 'v1/metrics',
    contentType: CONTENT_TYPE,
    compression: 'gzip',
    interpretResponse: readAnswer,
  })
  // The codec is OTLP's, the signed transport is ours.
  const { metrics } = createOtlpExporter('cloudwatch', {
    metrics: {
      url: transport.destination,
      protocol: 'http/protobuf',
      headers: {},
      compression: 'gzip',
      timeoutMs,
      ca: undefined,
      cert: undefined,
      key: undefined,
      temporality,
      intervalMs,
      limits: maxQueueBytes === undefined ? {} : { maxQueueBytes },
    },
  })
  return { ...(metrics as PushMetrics), transport }
}

function pushLogs(
  settings: CloudWatchSettings,
  place: { readonly logGroupName: string; readonly logStreamName: string },
): PushLogs {
  return {
    transport: signedCall(settings, {
      service: 'logs',
      path: 'v1/logs',
      contentType: CONTENT_TYPE,
      compression: 'gzip',
      headers: { 'x-aws-log-group': place.logGroupName, 'x-aws-log-stream': place.logStreamName },
      interpretResponse: readAnswer,
    }),
    limits: {
      maxBatchBytes: MAX_LOG_BYTES / 2,
      ...(settings.maxQueueBytes === undefined ? undefined : { maxQueueBytes: settings.maxQueueBytes }),
    },
    createEncoder: (resource) => new OtlpLogEncoder(resource),
  }
}

const readAnswer: InterpretResponse = (status, body, headers) =>
  awsAnswer(status, body, headers) ?? readPartialSuccess(body)
