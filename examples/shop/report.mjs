import { styleText } from 'node:util'
import { renderTraceTree } from '@hashira/exporter-console'
import { redRows } from './red-table.mjs'

/** Prints what the three pillars saw: one slow trace, RED per route, and the log lines of that same trace. */
export async function printReport({ collector, services, seconds }) {
  const trace = slowTrace(collector)
  heading(`One slow trace, across both services and the database (${trace[0].traceId})`)
  process.stdout.write(renderTraceTree(trace, { color: process.stdout.isTTY === true }))
  heading('Rate, errors, duration per route (from /metrics)')
  await printRed(services, seconds)
  heading('The log lines of that trace')
  printLines(services, trace[0].traceId)
}

/**
 * The slowest of the traces in which the bank kept the payment waiting: on a busy machine the slowest request of all may be any
 * other. Without such a trace (a handful of requests), the slowest that reached the database.
 */
function slowTrace(collector) {
  const complete = [...collector.traces().values()].filter(isComplete)
  if (complete.length === 0) throw new Error('no trace reached both services and the database')
  const slow = complete.filter((spans) => spans.some(({ name }) => name === 'wait for the bank'))
  return (slow.length > 0 ? slow : complete).reduce((slowest, spans) =>
    rootOf(spans).durationMs > rootOf(slowest).durationMs ? spans : slowest,
  )
}

/** It crosses both services, reaches the database, and no span of it is still on its way. */
function isComplete(spans) {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  return (
    new Set(spans.map(({ service }) => service)).size > 1 &&
    spans.some(isDatabase) &&
    rootOf(spans) !== undefined &&
    spans.every(({ parentSpanId }) => parentSpanId === undefined || ids.has(parentSpanId))
  )
}

function rootOf(spans) {
  return spans.find(({ parentSpanId }) => parentSpanId === undefined)
}

function isDatabase({ attributes }) {
  return attributes['db.system'] !== undefined || attributes['db.system.name'] !== undefined
}

async function printRed(services, seconds) {
  console.log(row('service', 'route', 'req/s', 'errors', 'p50', 'p95', 'p99'))
  for (const { name, metricsUrl } of services) {
    const text = await (await fetch(metricsUrl)).text()
    for (const { service, route, rate, errors, p50, p95, p99 } of redRows(name, text, seconds)) {
      const percent = `${(errors * 100).toFixed(1)} %`
      const line = row(service, route, rate.toFixed(1), percent, ...[p50, p95, p99].map(milliseconds))
      console.log(errors > 0 ? paint('red', line) : line)
    }
  }
}

function printLines(services, traceId) {
  const lines = services.flatMap(({ name, service }) => service.lines.map((line) => ({ name, line })))
  for (const { name, line } of lines
    .filter(({ line }) => line.trace_id === traceId)
    .sort((a, b) => a.line.time - b.line.time)) {
    const fields = Object.entries(line)
      .filter(([key]) => ['cart', 'total', 'status'].includes(key))
      .map(([key, value]) => `${key}=${value}`)
    const time = new Date(line.time).toISOString().slice(11, 23)
    console.log(
      `${time} ${name.padEnd(10)} ${line.msg} ${paint('gray', `${fields.join(' ')} span_id=${line.span_id}`)}`,
    )
  }
}

function row(service, route, ...numbers) {
  return `${service.padEnd(11)}${route.padEnd(24)}${numbers.map((text) => text.padStart(9)).join('')}`
}

function milliseconds(seconds) {
  return `${(seconds * 1_000).toFixed(seconds < 0.01 ? 1 : 0)} ms`
}

function heading(text) {
  console.log(`\n${paint('bold', text)}\n`)
}

function paint(style, text) {
  return process.stdout.isTTY ? styleText(style, text) : text
}
