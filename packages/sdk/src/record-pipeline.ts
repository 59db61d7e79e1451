import type { BatchLimits, Encoder, Exporter, Resource, Signal, Transport } from '@hashira/core'
import { createPipeline, type Pipeline, type SpoolOptions } from '@hashira/delivery'
import { limitsWith } from './environment-limits'

export interface PipelineSurroundings {
  readonly resource: Resource
  readonly spool: SpoolOptions | undefined
  /** Resolves when the resource has all its attributes. */
  readonly ready: Promise<void> | undefined
}

/** The pipeline of one exporter for spans or log records. Throws when what the exporter gives is not usable. */
export function recordPipeline<Record>(
  exporter: Exporter,
  signal: Signal,
  push: {
    transport: Transport
    limits?: Partial<BatchLimits> | undefined
    createEncoder(resource: Resource): Encoder<Record>
  },
  { resource, spool, ready }: PipelineSurroundings,
): Pipeline<Record> {
  const encoder = push.createEncoder(resource)
  if (typeof encoder?.append !== 'function' || typeof encoder.take !== 'function') {
    ;(encoder as unknown as Promise<never> | undefined)?.catch?.(() => {})
    throw new TypeError('createEncoder() returned no encoder')
  }
  const { transport } = push
  const limits = limitsWith(push.limits, signal, process.env)
  const mayStay = transport.spoolable === false ? undefined : spool
  return createPipeline({
    exporter: exporter.name,
    signal,
    encoder,
    transport,
    limits,
    spool: mayStay,
    ready,
  })
}
