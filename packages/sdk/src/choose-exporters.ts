import {
  type Environment,
  type Exporter,
  isHashiraError,
  type OptionOrigin,
  type Signal,
  warnOnce,
} from '@hashira/core'
import { checkedExporter } from './checked-exporter'
import { findExporter } from './find-exporter'
import type { ExporterChoice, Settings, settingsTable } from './settings'

export interface ChosenExporters {
  readonly traces: readonly Exporter[]
  readonly metrics: readonly Exporter[]
  readonly logs: readonly Exporter[]
  /** Exporters that the app made itself; what it asked for in code opens its listener even in a child process. */
  readonly fromCode: ReadonlySet<Exporter>
  /** Exporters that the environment named: one that is of no use is a warning, not an error. */
  readonly fromEnvironment: ReadonlySet<Exporter>
  /** Whether somebody chose where traces go, be it nowhere. */
  readonly tracesAreChosen: boolean
}

type Origins = { readonly [K in keyof typeof settingsTable]: OptionOrigin }

/**
 * Which exporter takes which signal: the option of a signal wins for it, then `exporters` for all, then the default:
 * metrics to Prometheus, traces to OTLP once anything about OTLP is set in the environment, logs nowhere but to their own stream.
 */
export function chooseExporters(settings: Settings, origins: Origins, env: Environment): ChosenExporters {
  const load = exporterLoader()
  const fromCode = new Set<Exporter>()
  const fromEnvironment = new Set<Exporter>()
  const choose = (signal: Signal, fallback: ExporterChoice): Exporter[] => {
    const option =
      settings[`${signal}Exporters`] !== undefined ? (`${signal}Exporters` as const) : 'exporters'
    const inCode = origins[option].from === 'code'
    const explicit = option !== 'exporters'
    const exporters: Exporter[] = []
    for (const choice of settings[option] ?? fallback) {
      const exporter = choice === 'none' ? undefined : load(choice, inCode)
      if (exporter === undefined || exporters.includes(exporter)) continue
      if (typeof choice !== 'string') fromCode.add(exporter)
      if (!inCode) fromEnvironment.add(exporter)
      if (exporter[signal] !== undefined) exporters.push(exporter)
      else if (explicit)
        warnOnce('HASHIRA_EXPORTER_INVALID', `exporter "${exporter.name}" does not take ${signal}`)
    }
    return exporters
  }
  const otlpIsSet = Object.keys(env).some(
    (name) => name.startsWith('OTEL_EXPORTER_OTLP_') && env[name]?.trim() !== '',
  )
  return {
    traces: choose('traces', otlpIsSet ? ['otlp'] : []),
    metrics: choose('metrics', ['prometheus']),
    logs: choose('logs', []),
    fromCode,
    fromEnvironment,
    tracesAreChosen: settings.tracesExporters !== undefined || settings.exporters !== undefined,
  }
}

/** One exporter per name, although several signals name it. A name from the environment that is not there is a warning. */
function exporterLoader(): (choice: string | Exporter, inCode: boolean) => Exporter | undefined {
  const loaded = new Map<string, Exporter>()
  return (choice, inCode) => {
    if (typeof choice !== 'string') return checkedExporter(`exporter "${choice.name}"`, choice)
    const known = loaded.get(choice)
    if (known !== undefined) return known
    try {
      const exporter = findExporter(choice)
      loaded.set(choice, exporter)
      return exporter
    } catch (error) {
      if (inCode) throw error
      if (isHashiraError(error)) warnOnce(error.code, error.message.replace(` [${error.code}]`, ''))
      else warnOnce('HASHIRA_EXPORTER_INVALID', `exporter "${choice}" could not be loaded: ${String(error)}`)
      return undefined
    }
  }
}
