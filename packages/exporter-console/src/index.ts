export { type ConsoleOptions, createConsole as console } from './console-exporter'
export { formatMs, type RenderOptions, renderTraceTree } from './render-trace-tree'
export type { ShownAttributes } from './span-details'
export type { TraceSpan } from './trace-span'
