import { type Environment, resolveOptions, setDiagnosticSink } from '@hashira/core'
import { readAppManifest } from '../app-manifest'
import { chooseExporters } from '../choose-exporters'
import { chooseSampler } from '../choose-sampler'
import { describeResource } from '../resource'
import { settingsTable } from '../settings'
import { version } from '../version'
import { checkConfiguration } from './check-configuration'
import { checkExporters } from './check-exporters'
import { checkHooks } from './check-hooks'
import { checkInstalls } from './check-installs'
import { checkRunning } from './check-running'
import { type Finding, note, ok, type Section, warning } from './finding'
import { installedPackages } from './installed'

export interface DoctorOptions {
  /** The app's folder, with its package.json. */
  readonly folder: string
  /** Where a running app serves its metrics; without it the default address is tried. */
  readonly metricsUrl?: string | undefined
  readonly env: Environment
}

const MIN_NODE = [20, 19] as const

/** Looks at an app from outside: its configuration, its packages, its backends, and the app itself if it runs. */
export async function examine({ folder, metricsUrl, env }: DoctorOptions): Promise<Section[]> {
  const said: Finding[] = []
  // What `start()` would say on stderr is part of the report.
  setDiagnosticSink((level, line) => said.push(level === 'warn' ? warning(line) : note(line)))
  try {
    const { values: settings, origins } = resolveOptions('start()', settingsTable, undefined, env)
    const { resource, serviceNameFrom, complete } = describeResource(settings, origins, env)
    await complete
    const chosen = chooseExporters(settings, origins, env)
    const sampler = chooseSampler(settings, origins, chosen)
    const service = String(resource.attributes.get('service.name'))
    const installed = installedPackages(folder)
    const url = metricsUrl ?? defaultMetricsUrl(env)
    const [exporters, running] = await Promise.all([
      checkExporters(chosen),
      checkRunning(url, metricsUrl !== undefined),
    ])
    return [
      { title: 'Environment', findings: environment() },
      {
        title: 'Configuration',
        findings: [
          ...checkConfiguration(settings, origins, serviceNameFrom, service, env),
          ok(`sampler: ${sampler}`),
          ...said,
        ],
      },
      { title: 'Exporters', findings: exporters },
      { title: 'Packages', findings: checkInstalls(installed) },
      { title: 'Hooks', findings: checkHooks(readAppManifest(folder).dependencies, installed, folder, env) },
      { title: 'Running app', findings: running },
    ]
  } finally {
    setDiagnosticSink(undefined)
  }
}

function environment(): Finding[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isOld = major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])
  const text = `hashira ${version}, Node ${process.versions.node}`
  return [isOld ? warning(text, `needs Node ${MIN_NODE.join('.')} or newer`) : ok(text)]
}

function defaultMetricsUrl(env: Environment): string {
  const port = env['HASHIRA_PROMETHEUS_PORT'] ?? env['OTEL_EXPORTER_PROMETHEUS_PORT'] ?? '9464'
  const path = env['HASHIRA_PROMETHEUS_PATH'] ?? '/metrics'
  return `http://localhost:${/^[1-9]\d*$/.test(port) ? port : '9464'}${path}`
}
