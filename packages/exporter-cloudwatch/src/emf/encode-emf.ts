import { countFault, type MetricFamily, type MetricSnapshot } from '@hashira/core'
import type { DimensionRules, DimensionSets } from '../dimension-sets'
import { foldSeries } from '../fold-series'
import { partsOf } from '../metric/distribution'
import { type Point, type Sample, samplesOf } from '../metric/samples'
import { type Dimension, dimensionsOf } from '../series-dimensions'
import type { Subject } from '../subject'
import { type DocumentHead, documentHead } from './document-head'
import { EmfDocument, type EmfFrame, MAX_VALUES } from './emf-document'

export interface EmfSettings {
  readonly rules: DimensionRules
  readonly errorMetrics: boolean
  readonly frame: EmfFrame
}

/**
 * A snapshot of deltas as documents: one for each series (labels that are no dimensions are its properties), and with it every
 * metric that has the same labels. An up-down counter is added up for each set before, as CloudWatch would average its series.
 *
 * Gives `undefined` after each series, for a caller who lets others have a turn. A family that can't be encoded is left out and
 * counted as a fault. Never throws.
 */
export function* emfDocuments(
  snapshot: MetricSnapshot,
  subject: Subject,
  settings: EmfSettings,
): Generator<EmfDocument | undefined, void, undefined> {
  const writer = new DocumentWriter(subject, settings)
  for (const family of snapshot.families) {
    try {
      const sets = settings.rules.of(family.name)
      if (sets.length === 0) continue
      yield* writer.write(family, sets)
    } catch {
      countFault('cloudwatch_metric')
    }
  }
  yield* writer.open.values()
}

class DocumentWriter {
  /** By the head; every metric of a series goes into one document while there is room. */
  readonly open = new Map<string, EmfDocument>()
  readonly #subject: Subject
  readonly #settings: EmfSettings

  constructor(subject: Subject, settings: EmfSettings) {
    this.#subject = subject
    this.#settings = settings
  }

  *write(family: MetricFamily, sets: DimensionSets): Generator<EmfDocument | undefined, void, undefined> {
    if (family.type === 'updowncounter') {
      for (const { dimensions, points } of yield* foldSeries(family, sets, this.#subject)) {
        const head = this.#head(family, [dimensions], [])
        yield* this.#add(head, samplesOf(family, points, this.#settings))
      }
      return
    }
    for (const point of family.points as readonly Point[]) {
      const found = dimensionsOf(point.attributes, sets, this.#subject, family.name)
      const samples = found.length === 0 ? [] : samplesOf(family, [point], this.#settings)
      if (samples.length > 0) yield* this.#add(this.#head(family, found, point.attributes), samples)
      yield undefined
    }
  }

  #head(
    { name: metricName }: MetricFamily,
    sets: readonly (readonly Dimension[])[],
    attributes: Point['attributes'],
  ): DocumentHead {
    const maxBytes = this.#settings.frame.maxBytes / 2
    return documentHead({ sets, attributes, metricName }, this.#subject, maxBytes)
  }

  *#add(head: DocumentHead, samples: readonly Sample[]): Generator<EmfDocument, void, undefined> {
    const key = `${head.dimensionSets}${head.members}`
    for (const sample of samples) {
      if (head.names.has(sample.name)) {
        countFault('cloudwatch_name_clash')
        continue
      }
      for (const part of partsOf(sample, MAX_VALUES)) {
        const full = this.#addTo(key, head, { ...part, name: sample.name, unit: sample.unit })
        if (full !== undefined) yield full
      }
    }
  }

  /** @returns the document that had no room */
  #addTo(key: string, head: DocumentHead, sample: Sample): EmfDocument | undefined {
    const document = this.open.get(key)
    if (document?.add(sample)) return undefined
    const next = new EmfDocument(head, this.#settings.frame)
    next.add(sample)
    this.open.set(key, next)
    return document
  }
}
