import { readFileSync } from 'node:fs'
import { type AttributeList, countFault } from '@hashira/core'
import { HttpClient } from '@hashira/delivery'
import { container } from './container'
import type { DetectedAttributes, Detector, Surroundings } from './detector'
import { ec2 } from './ec2'
import { ecs } from './ecs'
import { eks } from './eks'
import { host, os } from './host'
import { kubernetes } from './kubernetes'
import { lambda } from './lambda'
import { processDetector, serviceInstance } from './process'

/** By precedence: what an earlier one says of a key stays. */
const DETECTORS: readonly Detector[] = [
  lambda,
  ecs,
  eks,
  ec2,
  kubernetes,
  container,
  host,
  os,
  processDetector,
  serviceInstance,
]

/** `aws` is what OpenTelemetry JS calls all of Amazon's. `env` is always on. */
const GROUPS: Readonly<Record<string, readonly string[]>> = { aws: ['lambda', 'ecs', 'eks', 'ec2'], env: [] }

/** What `OTEL_NODE_RESOURCE_DETECTORS` may hold. */
export const DETECTOR_NAMES: readonly string[] = [
  'all',
  'none',
  ...Object.keys(GROUPS),
  ...DETECTORS.map(({ name }) => name),
]

/** The first export waits for metadata services at most so long. */
const PATIENCE_MS = 1_000

const here: Surroundings = { env: process.env, readFile, http: new HttpClient() }

/**
 * Adds what the surroundings tell to `attributes`, which keeps the keys it has. What has to be asked for comes later: the promise
 * resolves when all have answered, or after a second, and never rejects; `undefined` when nobody is asked.
 *
 * @param names of `OTEL_NODE_RESOURCE_DETECTORS`
 */
export function detectResource(
  names: readonly string[],
  attributes: AttributeList,
  surroundings: Surroundings = here,
): Promise<void> | undefined {
  const asked: Promise<void>[] = []
  const own = new Set([...attributes].map(([key]) => key))
  /** The rank of the detector that set a key: an answer that comes late must not give way to who was only quicker. */
  const ranks = new Map<string, number>()
  chosen(names).forEach((detector, rank) => {
    const put = (detected: DetectedAttributes) => {
      for (const [key, value] of Object.entries(detected)) {
        if (!isUsable(value) || own.has(key) || (ranks.get(key) ?? Number.POSITIVE_INFINITY) < rank) continue
        ranks.set(key, rank)
        attributes.set(key, value as string)
      }
    }
    try {
      const detected = detector.detect(surroundings)
      if (detected === undefined) return
      put(detected)
      if (detector.ask !== undefined) asked.push(detector.ask(surroundings).then(put).catch(count))
    } catch {
      count()
    }
  })
  return asked.length === 0 ? undefined : within(Promise.all(asked))
}

/** A metadata service may answer with anything, and encoders take what the types promise. */
function isUsable(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string')
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
}

function chosen(names: readonly string[]): readonly Detector[] {
  if (names.includes('none')) return []
  if (names.includes('all')) return DETECTORS
  const wanted = new Set(names.flatMap((name) => GROUPS[name] ?? [name]))
  return DETECTORS.filter(({ name }) => wanted.has(name))
}

function count(): void {
  countFault('resource_detector')
}

async function within(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS)
    timer.unref()
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}

function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
