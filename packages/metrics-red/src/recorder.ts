import { addMetricSource, type Collected, type MetricFamily, type MetricSource, shared } from '@hashira/core'
import { IsolatedReader } from './isolated-reader'

/** One metric of ours: whatever records it, this is how it is read. */
export interface Recorder {
  /** OpenTelemetry's name: `http.server.request.duration`. */
  readonly name: string
  readonly description: string
  /** UCUM. */
  readonly unit: string
  readonly type: MetricFamily['type']
  /** Everything since the start (or the last {@link reset}), as a copy that later recordings don't change. */
  collect(): MetricFamily | Promise<MetricFamily>
  /** Back to zero, where that makes sense: what prom-client's `resetMetrics()` calls. */
  reset(): void
}

/** Told of every recorder that comes and goes. */
export interface RecorderWatcher {
  added(recorder: Recorder): void
  removed(recorder: Recorder): void
}

interface Recorders {
  readonly all: Set<Recorder>
  readonly watchers: Set<RecorderWatcher>
  readonly source: MetricSource
}

const recorders = shared<Recorders>('metrics-red.recorders', () => {
  const all = new Set<Recorder>()
  const source = sourceOver(all)
  addMetricSource(source)
  return { all, watchers: new Set(), source }
})

/** Every recorder of this process, whichever copy of this package made it, as one metric source; every exporter reads it. */
export const redMetricSource: MetricSource = recorders.source

/** Shows `recorder` in every snapshot and registry from now on. The function that is returned takes it out again. */
export function addRecorder(recorder: Recorder): () => void {
  recorders.all.add(recorder)
  for (const watcher of recorders.watchers) watcher.added(recorder)
  return () => {
    if (!recorders.all.delete(recorder)) return
    for (const watcher of recorders.watchers) watcher.removed(recorder)
  }
}

/** Tells `watcher` of every recorder that exists and of each that will. */
export function watchRecorders(watcher: RecorderWatcher): () => void {
  recorders.watchers.add(watcher)
  for (const recorder of recorders.all) watcher.added(recorder)
  return () => {
    recorders.watchers.delete(watcher)
    for (const recorder of recorders.all) watcher.removed(recorder)
  }
}

function sourceOver(all: ReadonlySet<Recorder>): MetricSource {
  const reader = new IsolatedReader<Recorder, MetricFamily>()
  return {
    name: 'hashira',
    async collect(): Promise<Collected> {
      const { values, failures } = await reader.readAll(
        [...all],
        (recorder) => recorder.name,
        (recorder) => recorder.collect(),
      )
      return { families: values.filter((family) => family.points.length > 0), failures }
    },
  }
}
