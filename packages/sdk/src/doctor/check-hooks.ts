import type { Environment } from '@hashira/core'
import { type Finding, note, ok, problem, warning } from './finding'
import { type Installed, installedAt } from './installed'

interface Framework {
  readonly name: string
  /** Major versions that are observed. */
  readonly majors: readonly number[]
  /** What observes it, when that is a package of its own. */
  readonly adapter?: string | undefined
}

const FRAMEWORKS: readonly Framework[] = [
  { name: 'express', majors: [4, 5], adapter: '@hashira/express' },
  { name: 'fastify', majors: [4, 5], adapter: '@hashira/fastify' },
  { name: 'koa', majors: [2, 3], adapter: '@hashira/http' },
  { name: 'hono', majors: [4], adapter: '@hashira/http' },
  { name: 'pino', majors: [8, 9, 10] },
  { name: 'undici', majors: [5, 6, 7, 8] },
]

const BUNDLERS = ['esbuild', 'webpack', 'rollup', 'tsup', '@vercel/ncc', 'vite', '@rspack/core']

/** What of the app's own dependencies is observed, and how Hashira gets into the process. */
export function checkHooks(
  dependencies: Readonly<Record<string, string>>,
  installed: readonly Installed[],
  folder: string,
  env: Environment,
): Finding[] {
  const has = (name: string) => installed.some((one) => one.name === name)
  const findings = FRAMEWORKS.flatMap(({ name, majors, adapter }) => {
    const version = dependencies[name] === undefined ? undefined : installedAt(folder, name)
    if (version === undefined) return []
    if (!majors.includes(Number.parseInt(version, 10)))
      return [problem(`${name} ${version} is not supported`, `supported are ${majors.join(', ')}`)]
    if (adapter !== undefined && !has(adapter))
      return [warning(`${name} ${version} is not observed`, `npm install ${adapter}`)]
    return [ok(`${name} ${version}${adapter === undefined ? '' : ` by ${adapter}`}`)]
  })
  return [...findings, ...ways(env), ...bundles(dependencies)]
}

function ways(env: Environment): Finding[] {
  const preloaded = /hashira\/register/.test(env['NODE_OPTIONS'] ?? '')
  return preloaded
    ? [ok('hashira/register is in NODE_OPTIONS: nothing has to be called')]
    : [
        note(
          'hashira/register is not in NODE_OPTIONS',
          'start by app.use(observe()), start(), or node --import hashira/register app.js',
        ),
      ]
}

/** In a bundle there are no modules whose loading could be watched; channels and prototypes work all the same. */
function bundles(dependencies: Readonly<Record<string, string>>): Finding[] {
  const bundler = BUNDLERS.find((name) => dependencies[name] !== undefined)
  if (bundler === undefined) return []
  return [
    note(
      `the app is built with ${bundler}: if that puts its dependencies into one file, hashira/register still observes servers, Express, Fastify, fetch and pino ≥ 9.14 or ≥ 10.4`,
      'exporters of a bundle are given as objects, start({ exporters: [jaeger()] }); OpenTelemetry instrumentations see nothing of what is bundled',
    ),
  ]
}
