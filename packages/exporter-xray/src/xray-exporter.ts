import { awsAnswer, awsEndpoint, awsSigner, requiredRegion } from '@hashira/aws'
import { type Exporter, type PushTraces, type Resource, resolveOptions } from '@hashira/core'
import { DatagramTransport, HttpTransport, type InterpretResponse } from '@hashira/delivery'
import { appendPath, readPartialSuccess } from '@hashira/exporter-otlp'
import { daemonFraming, splitIntoDatagrams } from './daemon-framing'
import { XrayOtlpSpanEncoder } from './otlp-span-encoder'
import { PacedTransport } from './paced-transport'
import { apiFraming, readPutTraceSegments } from './put-trace-segments'
import { resourceFacts } from './segment/resource-facts'
import { type Framing, SegmentEncoder } from './segment-encoder'
import { VERSION } from './version'
import { limitsOf, type XrayOptions, type XraySettings, xrayOptionTable } from './xray-options'

const OWNER = 'xray()'
/** What the daemon's receive buffer holds while it is busy with something else. */
const SPANS_PER_PAUSE = 32
const BYTES_PER_PAUSE = 64 * 1024
const PAUSE_MS = 10
/** The daemon sends so many in one `PutTraceSegments`. */
const DOCUMENTS_PER_REQUEST = 50

/**
 * Traces to AWS X-Ray: through the daemon on `127.0.0.1:2000` unless `via` says `otlp` or `api`, which need a region and sign each
 * request.
 *
 * Throws `HASHIRA_OPTION_INVALID`, `HASHIRA_OPTION_UNKNOWN`, and `HASHIRA_DEPENDENCY_MISSING` when what signs requests is not
 * installed; opens nothing before Hashira starts.
 */
export function xray(options?: XrayOptions): Exporter {
  const { values } = resolveOptions(OWNER, xrayOptionTable, options, process.env)
  const traces = { daemon: viaDaemon, otlp: viaOtlp, api: viaApi }[values.via](values)
  return { name: 'xray', traces: { ...traces, timedTraceIds: true } }
}

function viaDaemon(settings: XraySettings): PushTraces {
  const { daemonAddress, timeoutMs, maxBatchItems = SPANS_PER_PAUSE } = settings
  const datagrams = new DatagramTransport({ ...daemonAddress.udp, split: splitIntoDatagrams, timeoutMs })
  return {
    transport: new PacedTransport(datagrams, PAUSE_MS),
    limits: {
      ...limitsOf(settings, { maxInFlight: 1, maxBatchBytes: BYTES_PER_PAUSE }),
      maxBatchItems: Math.min(maxBatchItems, SPANS_PER_PAUSE),
    },
    createEncoder: (resource) => createEncoder(resource, settings, daemonFraming),
  }
}

function viaApi(settings: XraySettings): PushTraces {
  return {
    transport: signedTransport(settings, 'TraceSegments', 'application/json', readPutTraceSegments),
    limits: limitsOf(settings, { maxBatchItems: DOCUMENTS_PER_REQUEST }),
    createEncoder: (resource) => createEncoder(resource, settings, apiFraming),
  }
}

/** X-Ray takes 5 MB and 10,000 spans a request: delivery's own limits are below both. */
function viaOtlp(settings: XraySettings): PushTraces {
  const read: InterpretResponse = (status, body, headers) =>
    awsAnswer(status, body, headers) ?? readPartialSuccess(body)
  return {
    transport: signedTransport(settings, 'v1/traces', 'application/x-protobuf', read),
    limits: limitsOf(settings, {}),
    createEncoder: (resource) => new XrayOtlpSpanEncoder(resource),
  }
}

function signedTransport(
  { region: given, endpoint, credentials, timeoutMs }: XraySettings,
  path: string,
  contentType: string,
  interpretResponse: InterpretResponse,
): HttpTransport {
  const region = requiredRegion(OWNER, given)
  return new HttpTransport({
    url: appendPath(endpoint ?? awsEndpoint('xray', region), path),
    contentType,
    userAgent: `hashira-xray/${VERSION}`,
    // The API's own clients send it plain; OTLP endpoints take gzip.
    compression: contentType === 'application/json' ? 'none' : 'gzip',
    timeoutMs,
    sign: awsSigner({ service: 'xray', region, credentials }),
    interpretResponse,
    interpretEveryStatus: true,
  })
}

function createEncoder(resource: Resource, settings: XraySettings, framing: Framing): SegmentEncoder {
  const { annotations, indexAllAttributes, segmentName, collectSqlQueries, logGroups } = settings
  return new SegmentEncoder(
    {
      resource: resourceFacts(resource, logGroups),
      annotations: { keys: new Set(annotations), all: indexAllAttributes },
      segmentName,
      collectSqlQueries,
      workingDirectory: process.cwd(),
    },
    framing,
  )
}
