import { resolve } from 'node:path'
import {
  type CreatedPropagator,
  createPropagator,
  type Exporter,
  HashiraError,
  type OptionOrigin,
  PROPAGATOR_NAMES,
  resolveOptions,
  say,
  serviceIdentity,
  setPropagator,
  setResource,
  shared,
  warnOnce,
} from '@hashira/core'
import type { SpoolOptions } from '@hashira/delivery'
import { configureHttp, instrumentOutgoing } from '@hashira/http'
import { configureLogs } from '@hashira/logs'
import { configureMetrics, startSaturation } from '@hashira/metrics-red'
import { disableTracing } from '@hashira/tracing'
import { type ChosenExporters, chooseExporters } from './choose-exporters'
import { chooseSampler } from './choose-sampler'
import { handleExit } from './exit-handlers'
import { histogramAggregationOf } from './exporter-metrics'
import { isListening, onFirstListen } from './first-listen'
import type { Hashira } from './hashira'
import { enableInstrumentations } from './instrumentations'
import { keepTickShape } from './keep-tick-shape'
import { namedInstrumentations } from './named-instrumentations'
import { registerGlobals } from './otel-globals'
import { isLambda, isMainProcess, markChildren, runtimeCalls } from './placement'
import { plugInExporter } from './plug-in-exporter'
import { describeResource } from './resource'
import { RunningHashira } from './running'
import { type Settings, settingsTable } from './settings'
import { startLine } from './start-line'
import { addTracingMetrics, startTracing } from './start-tracing'
import { Telemetry } from './telemetry'
import { subscribeTracingChannels } from './tracing-channels/subscribe'

/** Options of `start()`; every one has an environment variable or a default. The table is in the README. */
export type StartOptions = { readonly [K in keyof Settings]?: Settings[K] | undefined }

const slot = shared<{ running: RunningHashira | undefined }>('sdk', () => ({ running: undefined }))

/**
 * Starts Hashira: traces, metrics and correlated logs of this process, to the exporters that the options or the environment
 * name. Call it once, first; a second call returns the Hashira that runs and warns when it has options of its own.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN, HASHIRA_EXPORTER_NOT_FOUND, HASHIRA_EXPORTER_INVALID,
 *   HASHIRA_OTEL_SDK_REGISTERED
 */
export function start(options?: StartOptions): Hashira {
  if (slot.running !== undefined) {
    if (options !== undefined)
      warnOnce('HASHIRA_OPTION_INVALID', 'start(): Hashira runs already, its options stay as they are')
    return slot.running
  }
  return launch(options, 'now')
}

/** What `observe()` calls: starts from the environment unless Hashira runs already; listeners open with the first work. */
export function ensureStarted(): Hashira {
  return slot.running ?? launch(undefined, 'first work')
}

/** Calls `stop` when the Hashira that runs is shut down. */
export function whenStopped(stop: () => void): void {
  slot.running?.addStop(stop)
}

function launch(options: StartOptions | undefined, opens: 'now' | 'first work'): Hashira {
  const env = process.env
  const { values: settings, origins } = resolveOptions('start()', settingsTable, options, env)
  const { resource, serviceNameFrom, complete } = describeResource(settings, origins, env)
  const wanted = withPlugIns(chooseExporters(settings, origins, env), settings)
  const chosen = settings.disabled ? { ...wanted, traces: [], logs: [] } : wanted
  const sampler = chooseSampler(settings, origins, chosen)
  const propagator = resolvePropagator(settings, origins.propagators)

  const processors = settings.disabled ? [] : settings.spanProcessors
  const telemetry = new Telemetry(chosen, resource, { processors, spool: spoolOf(settings), complete })
  let releaseGlobals: () => void
  try {
    configureSignals(settings, chosen, telemetry)
    releaseGlobals = registerGlobals(propagator, !settings.disabled)
  } catch (error) {
    telemetry.abandon()
    configureLogs({ sinks: [] })
    throw error
  }
  setPropagator(propagator)
  setResource(resource)
  const { knownMethods, redactQuery, trust } = settings
  configureHttp({ knownMethods, redactQuery, trust, enabled: !settings.disabled })

  const stops: (() => void)[] = []
  /** Metric sources stay for the last snapshot. */
  const sourceStops: (() => void)[] = []
  const onStopped = () => {
    for (const stop of sourceStops) stop()
    stopHandlingExit?.()
    disableTracing()
    configureLogs({ sinks: [] })
    releaseGlobals()
    slot.running = undefined
  }
  let stopHandlingExit: (() => void) | undefined
  const running = new RunningHashira({
    service: serviceIdentity()!,
    state: settings.disabled ? 'off' : 'running',
    telemetry,
    timeoutMs: settings.shutdownTimeoutMs,
    stops,
    onStopped,
  })
  slot.running = running
  try {
    // Until the last span is sent: whoever ends the process meanwhile loses nothing unsaid.
    stopHandlingExit = handleExit(running.flushable, {
      timeoutMs: settings.shutdownTimeoutMs,
      exitTimeoutMs: settings.exitTimeoutMs,
      signals: settings.handleSignals,
    })
    if (!settings.disabled) {
      keepTickShape()
      stops.push(...startTracing(settings, sampler, telemetry, chosen.traces, resource))
      stops.push(...instrumentLibraries(settings))
      sourceStops.push(startSaturation(), ...addTracingMetrics(settings))
    }
    const ignoreOutgoing = [...settings.ignoreOutgoing, ...runtimeCalls(env)]
    stops.push(instrumentOutgoing({ ...settings, ignoreOutgoing }))
    stops.push(openListeners(running, telemetry, chosen, opens, settings, serviceNameFrom))
    return running
  } catch (error) {
    // Exporters are somebody else's objects, whose getters may throw.
    for (const stop of stops) stop()
    telemetry.abandon()
    onStopped()
    throw error
  }
}

/** OpenTelemetry's instrumentations, and for the other libraries the channels that they publish. */
function instrumentLibraries(settings: Settings): (() => void)[] {
  const named = namedInstrumentations(settings.instrumentationNames)
  const instrumentations = [...settings.instrumentations, ...named]
  return [
    enableInstrumentations(instrumentations),
    subscribeTracingChannels(settings.tracingChannels, instrumentations),
  ]
}

function configureSignals(settings: Settings, { metrics }: ChosenExporters, { logSinks }: Telemetry): void {
  configureLogs({
    keys: settings.logKeys,
    sinks: logSinks,
    limits: {
      attributeCountLimit: settings.logAttributeCountLimit,
      attributeValueLengthLimit: settings.logAttributeValueLengthLimit,
    },
  })
  const histogramAggregation = histogramAggregationOf(metrics)
  configureMetrics({ views: settings.views, enabled: !settings.disabled, histogramAggregation }, 'start()')
}

function spoolOf({ spoolDir, spoolMaxBytes }: Settings): SpoolOptions | undefined {
  return spoolDir === undefined ? undefined : { dir: resolve(spoolDir), maxBytes: spoolMaxBytes }
}

function withPlugIns(chosen: ChosenExporters, { spanExporters }: Settings): ChosenExporters {
  if (spanExporters.length === 0) return chosen
  const traces = [...chosen.traces, ...spanExporters.map(plugInExporter)]
  return { ...chosen, traces, tracesAreChosen: true }
}

function resolvePropagator(settings: Settings, origin: OptionOrigin): CreatedPropagator['propagator'] {
  const { propagator, unknown } = createPropagator(settings.propagators)
  for (const name of unknown) {
    const text = `"${name}" is not a propagator, allowed are ${PROPAGATOR_NAMES.join(', ')}`
    if (origin.from === 'code')
      throw new HashiraError('HASHIRA_OPTION_INVALID', `start(): option "propagators": ${text}`)
    warnOnce('HASHIRA_OPTION_INVALID', `OTEL_PROPAGATORS: ${text}; it is left out`)
  }
  return propagator
}

/** Opens what is fetched from, now or with the first work, and says the start line then. */
function openListeners(
  running: RunningHashira,
  telemetry: Telemetry,
  chosen: ChosenExporters,
  opens: 'now' | 'first work',
  { quiet, disabled }: Settings,
  serviceNameFrom: string,
): () => void {
  const main = isMainProcess(process.env)
  const mayListen =
    !isLambda(process.env) && (main || telemetry.pulls.some((exporter) => chosen.fromCode.has(exporter)))
  const isUsed = (exporter: Exporter) => telemetry.uses(exporter)
  const usable = { ...chosen, traces: chosen.traces.filter(isUsed), logs: chosen.logs.filter(isUsed) }
  const open = async () => {
    // Not before: npm and other tools that only start the app must not make a child of it that opens nothing.
    markChildren()
    if (mayListen) running.metricsUrls.push(...(await telemetry.open()))
    if (main && !quiet)
      say('info', startLine(serviceIdentity()!, serviceNameFrom, usable, running.metricsUrls, disabled))
  }
  if (opens === 'first work' && !isListening()) return onFirstListen(() => void open())
  void open()
  return () => {}
}
