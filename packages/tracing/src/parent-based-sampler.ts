import { type Sampler, spanOf } from '@hashira/core'
import type { SamplingDecision, SpanContext } from '@opentelemetry/api'
import { alwaysOffSampler, alwaysOnSampler } from './always-samplers'
import { SAMPLED_FLAG, validSpanContext } from './span-context'

/** Who decides for a span that has a parent. Defaults: as the parent was decided. */
export interface ParentBasedOptions {
  /** Default {@link alwaysOnSampler}. */
  readonly remoteParentSampled?: Sampler | undefined
  /** Default {@link alwaysOffSampler}. */
  readonly remoteParentNotSampled?: Sampler | undefined
  /** Default {@link alwaysOnSampler}. */
  readonly localParentSampled?: Sampler | undefined
  /** Default {@link alwaysOffSampler}. */
  readonly localParentNotSampled?: Sampler | undefined
}

/** Follows the parent's decision; `root` decides for new traces (OpenTelemetry trace SDK, "ParentBased"). */
export function parentBasedSampler(root: Sampler, options: ParentBasedOptions = {}): Sampler {
  const remoteSampled = options.remoteParentSampled ?? alwaysOnSampler
  const remoteNotSampled = options.remoteParentNotSampled ?? alwaysOffSampler
  const localSampled = options.localParentSampled ?? alwaysOnSampler
  const localNotSampled = options.localParentNotSampled ?? alwaysOffSampler

  function choose(parent: SpanContext | undefined): Sampler {
    if (parent === undefined) return root
    const sampled = (parent.traceFlags & SAMPLED_FLAG) !== 0
    if (parent.isRemote === true) return sampled ? remoteSampled : remoteNotSampled
    return sampled ? localSampled : localNotSampled
  }

  const all = [root, remoteSampled, remoteNotSampled, localSampled, localNotSampled]
  const onlyByTrace = all.every((sampler) => sampler.sampleByTrace !== undefined)
  const sampleByTrace = (traceId: string, parent: SpanContext | undefined): SamplingDecision =>
    choose(parent).sampleByTrace!(traceId, parent)

  return {
    shouldSample: (context, traceId, name, kind, attributes, links) =>
      choose(validSpanContext(spanOf(context))).shouldSample(context, traceId, name, kind, attributes, links),
    sampleByTrace: onlyByTrace ? sampleByTrace : undefined,
    start: (resource) => {
      for (const sampler of new Set(all)) sampler.start?.(resource)
    },
    close: () => {
      for (const sampler of new Set(all)) sampler.close?.()
    },
    toString: () =>
      `ParentBased{root=${root}, remoteParentSampled=${remoteSampled}, remoteParentNotSampled=${remoteNotSampled}, ` +
      `localParentSampled=${localSampled}, localParentNotSampled=${localNotSampled}}`,
  }
}
