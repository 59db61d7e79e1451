import { awsAnswer, awsErrorOf } from '@hashira/aws'
import type { BatchLimits, MetricSnapshot, PushMetrics, Resource, Transport } from '@hashira/core'
import { type InterpretResponse, StreamTransport } from '@hashira/delivery'
import type { CloudWatchSettings } from '../cloudwatch-options'
import { DimensionRules } from '../dimension-sets'
import { type EmfSettings, emfDocuments } from '../emf/encode-emf'
import { lineFraming } from '../emf/line-framing'
import { type BatchFraming, framedBatches } from '../framed-batches'
import { defaultLogGroup, type LogPlace, logPlace } from '../log-place'
import { subjectOf } from '../subject'
import type { AgentEndpoint } from './agent-endpoint'
import { logEventsFraming, PLACE_MISSING, readPutLogEvents } from './log-events'
import { LogsTransport } from './logs-transport'
import { BYTES_PER_PAUSE, PacedDatagrams } from './paced-datagrams'
import { signedCall } from './signed-call'
import { StdoutTransport } from './stdout-transport'

/** Agents of before 2025 cut an event at 256 KiB, 26 bytes of which are CloudWatch's own; CloudWatch itself takes 1 MB now. */
const MAX_DOCUMENT_BYTES = 256 * 1024 - 26
/** Of a datagram: what UDP over IPv4 holds, less the line feed. */
const MAX_DATAGRAM_BYTES = 65_507 - 1
/** Container runtimes cut longer lines into pieces of 16 KiB (containerd's CRI log format, Docker's json-file). */
const MAX_LINE_BYTES = 16 * 1024 - 1
/** More would hold up the event loop while it is put together. */
const MAX_BATCH_BYTES = 256 * 1024

type DocumentPlace = { readonly [K in keyof LogPlace]: string | undefined }

interface EmfWay {
  readonly transport: Transport
  readonly limits?: Partial<BatchLimits> | undefined
  readonly maxDocumentBytes?: number | undefined
  /** Named inside the documents: the agent puts them there. */
  readonly placeInDocument?: ((resource: Resource) => DocumentPlace) | undefined
  framing(resource: Resource, timestampMs: number): BatchFraming
}

export function viaStdout(settings: CloudWatchSettings): PushMetrics {
  const { stream } = settings
  const transport = new StdoutTransport(
    stream ?? process.stdout,
    stream === undefined ? 'stdout' : 'a stream',
  )
  // In the order of their times, as a reader sees them.
  return pushEmf(settings, {
    transport,
    framing: () => lineFraming(MAX_BATCH_BYTES),
    maxDocumentBytes: MAX_LINE_BYTES,
    limits: { maxInFlight: 1 },
  })
}

/** @param isFluent FireLens decides itself where documents go */
export function viaAgent(settings: CloudWatchSettings, agent: AgentEndpoint, isFluent: boolean): PushMetrics {
  const { logGroupName, logStreamName, timeoutMs } = settings
  const { protocol, host, port } = agent
  const placeInDocument = (resource: Resource) =>
    isFluent
      ? { logGroupName, logStreamName }
      : { logGroupName: logGroupName ?? defaultLogGroup(resource, settings), logStreamName }
  if (protocol === 'tcp') {
    const transport = new StreamTransport({ host, port }, { timeoutMs })
    return pushEmf(settings, { transport, placeInDocument, framing: () => lineFraming(MAX_BATCH_BYTES) })
  }
  return pushEmf(settings, {
    transport: new PacedDatagrams(host, port, timeoutMs),
    placeInDocument,
    framing: () => lineFraming(BYTES_PER_PAUSE),
    maxDocumentBytes: MAX_DATAGRAM_BYTES,
    limits: { maxInFlight: 1 },
  })
}

export function viaLogs(settings: CloudWatchSettings): PushMetrics {
  const call = (action: string, interpretResponse: InterpretResponse) =>
    signedCall(settings, {
      service: 'logs',
      contentType: 'application/x-amz-json-1.1',
      headers: { 'x-amz-target': `Logs_20140328.${action}` },
      interpretResponse,
    })
  const transport = new LogsTransport({
    putLogEvents: call('PutLogEvents', readPutLogEvents),
    createLogGroup: call('CreateLogGroup', readCreation),
    createLogStream: call('CreateLogStream', readCreation),
  })
  const framing = (resource: Resource, timestampMs: number) =>
    logEventsFraming(logPlace(resource, settings), timestampMs)
  return pushEmf(settings, { transport, framing })
}

/** Somebody else was first: the same as made. */
const readCreation: InterpretResponse = (status, body, headers) => {
  const { code } = awsErrorOf(body, headers)
  if (code === 'ResourceAlreadyExistsException') return { outcome: 'delivered' }
  if (code === 'ResourceNotFoundException') return { outcome: 'retry', reason: PLACE_MISSING }
  return awsAnswer(status, body, headers)
}

function pushEmf(settings: CloudWatchSettings, way: EmfWay): PushMetrics {
  const { metricIntervalMs: intervalMs, maxQueueBytes, errorMetrics } = settings
  const rules = new DimensionRules(settings.dimensions)
  const settingsFor = (snapshot: MetricSnapshot, resource: Resource): EmfSettings => ({
    rules,
    errorMetrics,
    frame: {
      namespace: settings.namespace,
      timestampMs: Math.floor(snapshot.timeUnixMs),
      storageResolution: settings.storageResolution,
      maxBytes: way.maxDocumentBytes ?? MAX_DOCUMENT_BYTES,
      logGroupName: undefined,
      logStreamName: undefined,
      ...way.placeInDocument?.(resource),
    },
  })
  return {
    kind: 'push',
    transport: way.transport,
    temporality: 'delta',
    intervalMs,
    limits: { ...way.limits, ...(maxQueueBytes === undefined ? undefined : { maxQueueBytes }) },
    encode: (snapshot, resource) => {
      const documents = emfDocuments(snapshot, subjectOf(resource, settings), settingsFor(snapshot, resource))
      return framedBatches(documents, way.framing(resource, Math.floor(snapshot.timeUnixMs)))
    },
  }
}
