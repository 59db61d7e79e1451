import { HttpClient } from '@hashira/delivery'
import { type Finding, note, ok, problem, warning } from './finding'
import { type Sample, samplesOf } from './samples'

/** What an app that runs says of itself on its metrics URL: hooks, sampling, delivery. */
export async function checkRunning(url: string, isExpected: boolean): Promise<Finding[]> {
  const client = new HttpClient()
  try {
    const { status, body } = await client.request({
      url,
      timeoutMs: 2_000,
      maxResponseBytes: 32 * 1024 * 1024,
    })
    const samples = status === 200 ? samplesOf(body.toString()) : []
    if (!samples.some(({ name }) => name.startsWith('hashira_')))
      return [nothingThere(url, `answers ${status} without metrics of Hashira`, isExpected)]
    return [
      ok(`${url} answers`),
      ...hooks(samples),
      ...sampling(samples),
      ...delivery(samples),
      ...faults(samples),
    ]
  } catch (error) {
    return [nothingThere(url, String((error as Error)?.message ?? error), isExpected)]
  } finally {
    client.close()
  }
}

function nothingThere(url: string, why: string, isExpected: boolean): Finding {
  const text = `no running app at ${url}: ${why}`
  return isExpected
    ? problem(text)
    : note(text, 'start the app and run this again, or name it: hashira doctor --metrics-url URL')
}

function hooks(samples: readonly Sample[]): Finding[] {
  const live = samples
    .filter(({ name, value }) => name === 'hashira_hook_live' && value === 1)
    .map(({ labels }) => labels['hook'])
  return live.length === 0 ? [warning('nothing is hooked')] : [ok(`observed: ${live.join(', ')}`)]
}

function sampling(samples: readonly Sample[]): Finding[] {
  const started = samples.filter(({ name }) => name === 'otel_sdk_span_started_total')
  const total = sum(started)
  if (total === 0) return [note('no span has started yet')]
  const sampled = sum(
    started.filter(({ labels }) => labels['otel_span_sampling_result'] === 'RECORD_AND_SAMPLE'),
  )
  const orphans = sum(samples.filter(({ name }) => name === 'hashira_spans_orphaned_total'))
  const share = `${((100 * sampled) / total).toFixed(1)} %`
  const lost =
    orphans === 0
      ? []
      : [
          note(
            `${orphans} spans began without a parent while a request was under way`,
            'see docs/context.md: where the context is lost',
          ),
        ]
  return [ok(`${total} spans started, ${share} sampled`), ...lost]
}

function delivery(samples: readonly Sample[]): Finding[] {
  const of = (name: string, labels: Sample['labels']) =>
    sum(
      samples.filter(
        (one) =>
          one.name === name &&
          one.labels['exporter'] === labels['exporter'] &&
          one.labels['signal'] === labels['signal'],
      ),
    )
  return samples
    .filter(({ name }) => name === 'hashira_exporter_up')
    .map(({ labels, value }) => {
      const dropped = samples.filter(
        ({ name, labels: own, value: count }) =>
          name === 'hashira_exporter_dropped_total' &&
          own['exporter'] === labels['exporter'] &&
          own['signal'] === labels['signal'] &&
          count > 0,
      )
      const why = dropped.map(({ labels: { reason }, value: count }) => `${count} ${reason}`).join(', ')
      const text = `${labels['exporter']} ${labels['signal']}: ${of('hashira_exporter_delivered_total', labels)} delivered, ${of('hashira_exporter_pending', labels)} pending${why === '' ? '' : `, dropped: ${why}`}`
      if (value !== 1) return problem(`${text}; its destination does not take what it gets`)
      return why === '' ? ok(text) : warning(text)
    })
}

function faults(samples: readonly Sample[]): Finding[] {
  const counted = samples.filter(({ name, value }) => name === 'hashira_faults_total' && value > 0)
  if (counted.length === 0) return []
  return [
    note(
      `caught and counted: ${counted.map(({ labels, value }) => `${value} ${labels['reason']}`).join(', ')}`,
    ),
  ]
}

function sum(samples: readonly Sample[]): number {
  return samples.reduce((total, { value }) => total + value, 0)
}
