// AWS's own library (`aws-embedded-metrics`) as the oracle of the format: it is given what we encoded, checks it by its own rules
// (names, dimensions, units, values, time), and its agent sink's document is compared with ours member by member.
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { waitFor } from '@hashira/testing'
import { AgentSink, Configuration, MetricsLogger } from 'aws-embedded-metrics'
import { at, counter, durations, family, type Json, linesOf, red, snapshotOf } from './support'

const families = [
  counter('jobs.done', 7, ['queue', 'a', 'priority', 3]),
  family({ name: 'open', type: 'updowncounter', unit: '{connection}', points: [{ ...at(), value: -2 }] }),
  family({ name: 'heap_bytes', naming: 'prometheus', type: 'gauge', points: [{ ...at(), value: 1.5e9 }] }),
  red(
    durations('/users/:id', 200, [3, 0, 2, 0], 1.4),
    durations('/users/:id', 503, [0, 0, 0, 1], 3.25),
    durations('/é', 404, [1, 0, 0, 0], 0.05),
  ),
  ...Array.from({ length: 120 }, (_, i) => counter(`many.${i}`, i + 1, ['kind', 'many'])),
]

/** What AWS's library writes for what a document of ours says. */
async function rewritten(document: Json, accept: (line: string) => void, port: number): Promise<void> {
  Configuration.agentEndpoint = `tcp://127.0.0.1:${port}`
  const { LogGroupName, Timestamp, CloudWatchMetrics } = document._aws
  const [{ Namespace, Dimensions, Metrics }] = CloudWatchMetrics
  const sink = new AgentSink(LogGroupName)
  const environment = {
    probe: async () => true,
    getName: () => 'test',
    getType: () => 'test',
    getLogGroupName: () => LogGroupName,
    configureContext: () => {},
    getSink: () => sink,
  }
  const logger = new MetricsLogger(async () => environment)
  logger.setNamespace(Namespace).setTimestamp(Timestamp)
  logger.setDimensions(
    Dimensions.map((set: string[]) => Object.fromEntries(set.map((key) => [key, document[key]]))),
  )
  const metrics = new Set(Metrics.map(({ Name }: Json) => Name))
  const dimensions = new Set(Dimensions.flat())
  for (const [key, value] of Object.entries(document))
    if (key !== '_aws' && !metrics.has(key) && !dimensions.has(key)) logger.setProperty(key, value)
  for (const { Name, Unit, StorageResolution } of Metrics)
    for (const value of valuesOf(document[Name])) logger.putMetric(Name, value, Unit, StorageResolution)
  await logger.flush()
  accept(document)
}

/** Values and counts, each value as often as it occurred: the plain array form of the specification. */
function valuesOf(target: Json): number[] {
  if (typeof target === 'number') return [target]
  return target.Values.flatMap((value: number, i: number) => new Array(target.Counts[i]).fill(value))
}

/** Ours with targets as AWS's library writes them. */
function plain(document: Json): Json {
  const { Metrics } = document._aws.CloudWatchMetrics[0]
  const targets = Metrics.map(({ Name }: Json) => {
    const values = valuesOf(document[Name])
    return [Name, values.length === 1 ? values[0] : values]
  })
  const { _aws, ...members } = document
  return { ...members, ...Object.fromEntries(targets), _aws: { ..._aws, CloudWatchMetrics: sorted(_aws) } }
}

const sorted = ({ CloudWatchMetrics }: Json) =>
  CloudWatchMetrics.map(({ Metrics, ...directive }: Json) => ({
    ...directive,
    Metrics: [...Metrics].sort((a: Json, b: Json) => (a.Name < b.Name ? -1 : 1)),
  }))

for (const storageResolution of [60, 1] as const) {
  describe(`aws-embedded-metrics, ${storageResolution} s`, () => {
    it('writes the same documents', async () => {
      let received = ''
      const server = createServer((socket) => socket.on('data', (chunk) => (received += chunk)).unref())
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const timeUnixMs = Date.now()
      try {
        const lines = linesOf({ ...snapshotOf(...families), timeUnixMs }, { storageResolution })
        const ours: Json[] = []
        for (const line of lines) {
          await rewritten(JSON.parse(line), (document) => ours.push(document), port)
          await waitFor(() => received.endsWith('\n') && received.split('\n').length === ours.length + 1)
        }
        const theirs = received
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
        assert.equal(theirs.length, lines.length)
        theirs.forEach((document, i) => {
          document._aws.CloudWatchMetrics = sorted(document._aws)
          assert.deepEqual(document, plain(ours[i]))
        })
      } finally {
        server.close()
      }
    })
  })
}
