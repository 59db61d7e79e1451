import type { PushMetrics, Resource, Transport } from '@hashira/core'
import { DatagramTransport, StreamTransport } from '@hashira/delivery'
import type { Entity } from '../agent/entity'
import type { DatadogSettings } from '../datadog-options'
import { identityOf } from '../spans/identity'
import type { DogstatsdAddress } from './dogstatsd-address'
import { type DogstatsdFormat, encodeMetrics } from './encode-metrics'
import { tagText } from './metric-text'
import { framed, packetsOf } from './packets'
import { UnixDatagramTransport } from './unix-datagram-transport'

/** A datagram that no network between here and there has to cut (Ethernet, less tunnels): Datadog's clients have the same. */
const UDP_PACKET = 1_432
/** The agent's read buffer (`dogstatsd_buffer_size`). */
const UNIX_PACKET = 8_192

/** Without a time of their own lines count when they arrive: what waited for hours would be a peak that never was. */
const MAX_QUEUE_BYTES = 8 * 1024 * 1024

/** Metrics to the agent's DogStatsD. */
export function dogstatsdMetrics(settings: DatadogSettings, entity: Entity): PushMetrics {
  const { dogstatsd, values } = settings
  const maxPacketBytes = dogstatsd.kind === 'udp' ? UDP_PACKET : UNIX_PACKET
  const format = (resource: Resource): DogstatsdFormat => ({
    tags: tagsOf(resource, settings),
    containerId: entity.entityId,
    externalEnv: values.externalEnv,
    histogramType: values.histograms === 'histogram' ? 'h' : 'd',
    timestamps: values.timestamps,
    maxPacketBytes,
  })
  return {
    kind: 'push',
    // For the same reason nothing is kept on disk for the next start.
    transport: Object.assign(createTransport(dogstatsd, maxPacketBytes), { spoolable: false }),
    temporality: 'delta',
    intervalMs: values.metricIntervalMs,
    // One after the other: of two values of a gauge the later one must arrive last.
    limits: { maxInFlight: 1, maxQueueBytes: values.maxQueueBytes ?? MAX_QUEUE_BYTES },
    encode: (snapshot, resource) => encodeMetrics(snapshot, format(resource)),
  }
}

function tagsOf(resource: Resource, { identity, values }: DatadogSettings): string[] {
  const { service, env, version, tags } = identityOf(resource, identity)
  const pairs: (readonly [string, string])[] = [
    ['service', service],
    ['env', env],
    ['version', version],
    ...tags,
    ['dd.internal.entity_id', values.entityId ?? ''],
  ]
  return pairs.flatMap(([key, value]) => tagText(key, value) ?? [])
}

function createTransport(address: DogstatsdAddress, maxPacketBytes: number): Transport {
  const split = (bytes: Uint8Array) => packetsOf(bytes, maxPacketBytes)
  if (address.kind === 'udp') return new DatagramTransport({ host: address.host, port: address.port, split })
  if (address.kind === 'unixgram') return new UnixDatagramTransport(address.path, split)
  return new StreamTransport({ path: address.path }, { frame: (bytes) => framed(bytes, maxPacketBytes) })
}
