import { type Finding, note, ok, problem, warning } from './finding'
import type { Installed } from './installed'

/** Other SDKs that would record the same requests, or replace what Hashira replaces. */
const RIVALS: Readonly<Record<string, string>> = {
  'dd-trace': 'it instruments the same libraries: start only one of the two',
  '@opentelemetry/sdk-node': 'start() refuses to run beside a registered NodeSDK',
  '@opentelemetry/auto-instrumentations-node':
    'not as --require …/register; its instrumentations may be given to start({ instrumentations })',
  newrelic: 'it instruments the same libraries: start only one of the two',
  'elastic-apm-node': 'it instruments the same libraries: start only one of the two',
  '@sentry/node':
    'from version 8 on it registers an OpenTelemetry SDK of its own: give it skipOpenTelemetrySetup: true',
  'express-prom-bundle': 'RED metrics come from observe() now',
  'fastify-metrics': 'RED metrics come from observe() now',
}

/** Copies that must be one, or work together only by luck; and packages that do the same work. */
export function checkInstalls(installed: readonly Installed[]): Finding[] {
  const copies = (name: string) => installed.filter((one) => one.name === name)
  const findings = [
    ...apiCopies(copies('@opentelemetry/api')),
    ...hashiraCopies(installed.filter(({ name }) => name === 'hashira' || name.startsWith('@hashira/'))),
    ...metricClients(copies('prom-client'), copies('@prometheus-io/client')),
    ...rivals(installed),
  ]
  return findings.length === 0 ? [ok('no duplicate or clashing packages')] : findings
}

function apiCopies(copies: readonly Installed[]): Finding[] {
  const majors = new Set(copies.map(({ version }) => version.split('.')[0]))
  if (majors.size > 1)
    return [
      problem(
        `@opentelemetry/api is installed in ${majors.size} major versions: ${versions(copies)}`,
        'spans of one are not seen by the other',
      ),
    ]
  if (copies.length < 2) return []
  return [
    note(
      `@opentelemetry/api is installed ${copies.length} times (${versions(copies)}), which share one state`,
    ),
  ]
}

function hashiraCopies(all: readonly Installed[]): Finding[] {
  const byName = new Map<string, Installed[]>()
  for (const one of all) byName.set(one.name, [...(byName.get(one.name) ?? []), one])
  const twice = [...byName].filter(([, copies]) => copies.length > 1)
  const findings = twice.map(([name, copies]) =>
    warning(
      `${name} is installed ${copies.length} times: ${versions(copies)}`,
      `they share one context and one SDK; one is enough: npm dedupe`,
    ),
  )
  const released = new Set(all.map(({ version }) => version))
  if (released.size > 1)
    findings.push(
      warning(
        `packages of Hashira have different versions: ${[...released].join(', ')}`,
        'update all of them together',
      ),
    )
  return findings
}

function metricClients(promClient: readonly Installed[], successor: readonly Installed[]): Finding[] {
  const findings: Finding[] = []
  if (promClient.length > 1)
    findings.push(
      warning(
        `prom-client is installed ${promClient.length} times (${versions(promClient)}): each has a registry of its own`,
        'metrics in the copy that Hashira does not see are missing from the scrape: npm dedupe',
      ),
    )
  if (promClient.length > 0 && successor.length > 0)
    findings.push(
      note(
        `prom-client and its successor @prometheus-io/client are both installed: each has a registry of its own, served in one scrape`,
      ),
    )
  return findings
}

function rivals(installed: readonly Installed[]): Finding[] {
  const names = [...new Set(installed.map(({ name }) => name))].filter((name) => Object.hasOwn(RIVALS, name))
  return names.map((name) => warning(`${name} is installed`, RIVALS[name]))
}

function versions(copies: readonly Installed[]): string {
  return copies.map(({ version }) => version).join(', ')
}
