import { awsAnswer } from '@hashira/aws'
import type { PushMetrics } from '@hashira/core'
import type { CloudWatchSettings } from '../cloudwatch-options'
import { DimensionRules } from '../dimension-sets'
import { framedBatches } from '../framed-batches'
import { metricData, putMetricDataFraming } from '../put-metric-data'
import { subjectOf } from '../subject'
import { signedCall } from './signed-call'

export function viaPutMetricData(settings: CloudWatchSettings): PushMetrics {
  const { namespace, errorMetrics, storageResolution, metricIntervalMs, maxQueueBytes } = settings
  const rules = new DimensionRules(settings.dimensions)
  return {
    kind: 'push',
    transport: signedCall(settings, {
      service: 'monitoring',
      contentType: 'application/x-amz-json-1.0',
      headers: { 'x-amz-target': 'GraniteServiceVersion20100801.PutMetricData' },
      compression: 'gzip',
      interpretResponse: awsAnswer,
    }),
    temporality: 'delta',
    intervalMs: metricIntervalMs,
    limits: maxQueueBytes === undefined ? undefined : { maxQueueBytes },
    encode: (snapshot, resource) => {
      const subject = subjectOf(resource, settings)
      const data = metricData(snapshot, subject, { rules, errorMetrics, storageResolution })
      return framedBatches(data, putMetricDataFraming(namespace))
    },
  }
}
