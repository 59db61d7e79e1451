import { exporterConformance } from '@hashira/testing'
import { lineConformance, type Mistake } from './line-exporter'

// Run by conformance.test.ts: the kit must find the mistake that is named on the command line.
const { traces, metrics, logs: _, ...options } = lineConformance('http', process.argv[2] as Mistake)
exporterConformance(process.argv[2] === 'merges series' ? { ...options, metrics } : { ...options, traces })
