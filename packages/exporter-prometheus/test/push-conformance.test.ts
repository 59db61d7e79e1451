import assert from 'node:assert/strict'
import type { MetricSnapshot } from '@hashira/core'
import { type PrometheusOptions, prometheus } from '@hashira/exporter-prometheus'
import { type ConformanceOptions, exporterConformance, type ReceivedMessage } from '@hashira/testing'
import { parseExposition } from './exposition-parser'
import { readCompressed } from './support/remote-write-schema'

const SECRETS = ['a-password-of-the-test', 'a-tenant-of-the-test']
const COMMON: PrometheusOptions = {
  port: 'none',
  pushUsername: 'me',
  pushPassword: 'a-password-of-the-test',
  pushHeaders: { 'X-Scope-OrgID': 'a-tenant-of-the-test' },
}

const is2 = ({ headers }: ReceivedMessage) => headers?.['content-type']?.includes('v2.Request') === true
const samplesOf = (message: ReceivedMessage) => readCompressed(message.body, is2(message)).series

for (const remoteWriteProtocol of ['1.0', '2.0'] as const) {
  const options: ConformanceOptions = {
    name: `prometheus remote write ${remoteWriteProtocol}`,
    create: ({ url, timeoutMs }) =>
      prometheus({
        ...COMMON,
        remoteWriteUrl: `${url}/api/v1/write`,
        remoteWriteProtocol,
        pushTimeoutMs: timeoutMs,
      }),
    secrets: SECRETS,
    metrics: {
      countItems: (message) => samplesOf(message).length,
      stream: 'prometheus.remote_write',
      check: (messages, snapshot) =>
        checkSeries(
          messages.flatMap(samplesOf).map(({ labels }) => labels),
          snapshot,
        ),
    },
    retryableStatuses: [503, 500, 502, 504, 429],
    success: { status: 204, headers: { 'x-prometheus-remote-write-samples-written': '1000000' } },
    // `target_info` is one more.
    partialSuccess: (rejected, total) => ({
      status: 400,
      headers: { 'x-prometheus-remote-write-samples-written': String(total + 1 - rejected) },
      body: 'out of order sample',
    }),
  }
  exporterConformance(remoteWriteProtocol === '2.0' ? options : { ...options, partialSuccess: undefined })
}

exporterConformance({
  name: 'prometheus pushgateway',
  create: ({ url, timeoutMs }) =>
    prometheus({
      ...COMMON,
      pushgatewayUrl: url,
      pushTimeoutMs: timeoutMs,
      groupingKey: { instance: 'a/b' },
    }),
  secrets: SECRETS,
  metrics: {
    countItems: ({ body, url }) => {
      assert.equal(url, '/metrics/job/conformance/instance@base64/YS9i')
      return pointsOf(body.toString('utf8'))
    },
    stream: 'prometheus.pushgateway',
  },
  retryableStatuses: [503, 500, 429, 502, 504],
})

/** Data points: a histogram or summary is one, though it has several samples. */
function pointsOf(text: string): number {
  const own = parseExposition(text, 'text').filter(({ name }) => name !== 'target_info')
  return own.reduce((sum, { name, type, samples }) => {
    const isOne = type === 'histogram' || type === 'summary'
    return sum + samples.filter((sample) => !isOne || sample.name === `${name}_count`).length
  }, 0)
}

function checkSeries(
  labels: readonly (readonly (readonly [string, string])[])[],
  { families }: MetricSnapshot,
): void {
  for (const one of labels) {
    const names = one.map(([name]) => name)
    assert.deepEqual(names, [...new Set(names)].sort(), 'sorted, and each once')
    assert.ok(one.every(([name, value]) => name !== '' && value !== ''))
    assert.ok(
      names.includes('__name__') && one.some(([name, value]) => name === 'job' && value === 'conformance'),
    )
  }
  assert.equal(new Set(labels.map((one) => JSON.stringify(one))).size, labels.length, 'no series twice')
  const many = families.find(({ name }) => name === 'golden.many')
  const written = labels.filter((one) => one.some(([, value]) => value === 'golden_many_ratio'))
  assert.equal(written.length, many?.points.length)
}
