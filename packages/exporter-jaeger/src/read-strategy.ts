import { perOperation, probabilistic, rateLimiting, type Strategy } from './strategy'

/**
 * The strategy in Jaeger's answer (`SamplingStrategyResponse` of `jaeger-idl`, as JSON): operations first, as in Jaeger's own
 * clients. Enums come as names or numbers, and zeros may be left out. Throws for what is no strategy.
 */
export function readStrategy(json: string): Strategy {
  const answer = objectIn(JSON.parse(json))
  if (answer['operationSampling'] != null) return readOperations(objectIn(answer['operationSampling']))
  const type = answer['strategyType'] ?? 0
  if (type === 0 || type === 'PROBABILISTIC') return probabilistic(rateIn(answer['probabilisticSampling']))
  if (type === 1 || type === 'RATE_LIMITING') {
    const limit = objectIn(answer['rateLimitingSampling'])['maxTracesPerSecond']
    return rateLimiting(numberIn(limit, Number.MAX_SAFE_INTEGER))
  }
  throw new TypeError('unknown strategyType')
}

function readOperations(sampling: Fields): Strategy {
  const given = sampling['perOperationStrategies'] ?? []
  if (!Array.isArray(given)) throw new TypeError('perOperationStrategies is no list')
  const rates = new Map<string, number>()
  for (const entry of given.map(objectIn)) {
    if (typeof entry['operation'] !== 'string') throw new TypeError('an operation has no name')
    rates.set(entry['operation'], rateIn(entry['probabilisticSampling']))
  }
  return perOperation({
    defaultRate: numberIn(sampling['defaultSamplingProbability'], 1),
    lowerBoundPerSecond: numberIn(sampling['defaultLowerBoundTracesPerSecond'], Number.MAX_SAFE_INTEGER),
    rates,
  })
}

type Fields = Record<string, unknown>

function objectIn(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('no object')
  return value as Fields
}

function rateIn(value: unknown): number {
  return numberIn(objectIn(value)['samplingRate'], 1)
}

function numberIn(value: unknown, max: number): number {
  const number = value ?? 0
  if (typeof number !== 'number' || !(number >= 0 && number <= max))
    throw new RangeError('a number out of range')
  return number
}
