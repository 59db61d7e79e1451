import { console as consoleExporter } from '@hashira/exporter-console'
import { exporterConformance } from '@hashira/testing'

// What is printed is for people; what it says is tested in render-trace-tree.test.ts.
exporterConformance({
  name: 'console',
  backend: 'stream',
  create: ({ stream }) => consoleExporter({ stream, attributes: 'all' }),
  traces: { decode: undefined },
})
