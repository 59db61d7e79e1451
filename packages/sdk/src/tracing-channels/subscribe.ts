import { countFault, type OptionSpec } from '@hashira/core'
import type { Instrumentation } from '../instrumentations'
import { graphql } from './graphql'
import { ioredis } from './ioredis'
import type { ChannelLibrary } from './libraries'
import { mongoose } from './mongoose'
import { mysql2 } from './mysql2'
import { nodeRedis } from './node-redis'
import { traceChannel } from './traced-channel'

const LIBRARIES: readonly ChannelLibrary[] = [graphql, ioredis, mongoose, mysql2, nodeRedis]
const NAMES = LIBRARIES.map(({ name }) => name)

/** All, none, or those that are named. */
export function tracingChannelsOption(variable: string): OptionSpec<boolean | readonly string[]> {
  const known = (names: readonly unknown[]) =>
    names.every((name) => NAMES.includes(name as string)) ? (names as readonly string[]) : undefined
  return {
    env: [variable],
    default: true,
    allowed: `true, false, or a list of ${NAMES.join(', ')}`,
    accept: (value) => (typeof value === 'boolean' ? value : Array.isArray(value) ? known(value) : undefined),
    parse: (text) => {
      const value = text.trim().toLowerCase()
      if (value === 'true' || value === 'false') return value === 'true'
      return known(value.split(',').map((name) => name.trim()))
    },
  }
}

/**
 * Traces the calls of every library that publishes them, whether it is loaded already or later: a channel costs nothing until
 * somebody publishes. Returns what undoes it.
 */
export function subscribeTracingChannels(
  wanted: boolean | readonly string[],
  instrumentations: readonly Instrumentation[],
): () => void {
  const instrumented = new Set(instrumentations.map(nameOf))
  const stops = LIBRARIES.filter(({ name, instrumentation }) => {
    const isWanted = typeof wanted === 'boolean' ? wanted : wanted.includes(name)
    return isWanted && !instrumented.has(instrumentation)
  }).flatMap(({ name, channels }) => channels.map((channel) => guarded(() => traceChannel(name, channel))))
  return () => {
    for (const stop of stops) stop()
  }
}

function nameOf(instrumentation: Instrumentation): unknown {
  return (instrumentation as { instrumentationName?: unknown }).instrumentationName
}

function guarded(subscribe: () => () => void): () => void {
  try {
    return subscribe()
  } catch {
    countFault('tracing_channel')
    return () => {}
  }
}
