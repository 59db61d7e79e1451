import type { Writable } from 'node:stream'
import {
  choiceOption,
  codeOption,
  type Exporter,
  integerOption,
  type OptionSpec,
  resolveOptions,
} from '@hashira/core'
import { ConsoleSpanEncoder } from './console-span-encoder'
import { ConsoleTransport } from './console-transport'
import type { ShownAttributes } from './span-details'

export interface ConsoleOptions {
  /** Default `stdout`. `HASHIRA_CONSOLE_TO`. */
  to?: 'stdout' | 'stderr' | undefined
  /** Any other writable stream; wins over `to`. */
  stream?: Writable | undefined
  /** ANSI colours. Default: when the stream is a terminal and `NO_COLOR` is not set. */
  color?: boolean | undefined
  /** `key`: what tells most, and the app's own; `all`; `none`. Default `key`. `HASHIRA_CONSOLE_ATTRIBUTES`. */
  attributes?: ShownAttributes | undefined
  /** How long spans wait for their root before they are shown without it. Default 5,000. */
  patienceMs?: number | undefined
  /** Spans that may wait for their roots; beyond it the oldest trace is shown as it is. Default 5,000. */
  maxHeldSpans?: number | undefined
}

const colorOption: OptionSpec<boolean | undefined> = {
  env: ['NO_COLOR'],
  default: undefined,
  allowed: 'true or false',
  accept: (value) => (typeof value === 'boolean' ? value : undefined),
  // https://no-color.org: set to anything but the empty text.
  parse: () => false,
}

const table = {
  to: choiceOption('HASHIRA_CONSOLE_TO', 'stdout', ['stdout', 'stderr']),
  stream: codeOption<Writable, undefined>(undefined, 'a writable stream', (value) =>
    typeof (value as Writable | null)?.write === 'function' ? (value as Writable) : undefined,
  ),
  color: colorOption,
  attributes: choiceOption('HASHIRA_CONSOLE_ATTRIBUTES', 'key', ['key', 'all', 'none']),
  patienceMs: integerOption('', 5_000, 10),
  maxHeldSpans: integerOption('', 5_000, 1),
}

/**
 * One readable tree per trace on the terminal, as soon as the trace's root in this process ends.
 *
 * Throws `HASHIRA_OPTION_INVALID` and `HASHIRA_OPTION_UNKNOWN`.
 */
export function createConsole(options?: ConsoleOptions): Exporter {
  const { values } = resolveOptions('console()', table, options, process.env)
  const stream = values.stream ?? process[values.to]
  const transport = new ConsoleTransport({
    stream,
    destination: values.stream === undefined ? values.to : 'a stream',
    color: values.color ?? (stream as { isTTY?: boolean }).isTTY === true,
    attributes: values.attributes,
    patienceMs: values.patienceMs,
    maxHeldSpans: values.maxHeldSpans,
  })
  return {
    name: 'console',
    traces: {
      transport,
      // Somebody is looking: short batches, and one after the other, so that traces come in their order.
      limits: { intervalMs: 100, maxInFlight: 1 },
      createEncoder: (resource) => new ConsoleSpanEncoder(resource),
    },
  }
}
