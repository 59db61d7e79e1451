import { type Attributes, type Counter, type Histogram, metrics } from '@opentelemetry/api'

interface Instruments {
  readonly duration: Histogram
  readonly errors: Counter
  readonly timeouts: Counter
  readonly coldStarts: Counter
}

let instruments: Instruments | undefined

/** OpenTelemetry semantic conventions, "FaaS metrics". */
function ours(): Instruments {
  if (instruments !== undefined) return instruments
  const meter = metrics.getMeter('@hashira/lambda')
  instruments = {
    duration: meter.createHistogram('faas.invoke_duration', {
      description: "Duration of the function's logic",
      unit: 's',
      advice: {
        explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
      },
    }),
    errors: meter.createCounter('faas.errors', { description: 'Invocations that failed', unit: '{error}' }),
    timeouts: meter.createCounter('faas.timeouts', {
      description: 'Invocations that ran out of time',
      unit: '{timeout}',
    }),
    coldStarts: meter.createCounter('faas.coldstarts', {
      description: 'Invocations that waited for a process',
      unit: '{coldstart}',
    }),
  }
  return instruments
}

export function countColdStart(attributes: Attributes): void {
  ours().coldStarts.add(1, attributes)
}

/** @param errorType `undefined`: it did not fail */
export function recordInvocation(
  seconds: number,
  attributes: Attributes,
  errorType: string | undefined,
): void {
  const { duration, errors, timeouts } = ours()
  duration.record(seconds, attributes)
  if (errorType === undefined) return
  errors.add(1, attributes)
  if (errorType === 'timeout') timeouts.add(1, attributes)
}
