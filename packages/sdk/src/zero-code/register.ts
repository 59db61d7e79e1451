import { countFault, type Environment, isHashiraError, say, shared } from '@hashira/core'
import { instrumentServers } from '@hashira/http'
import { ensureStarted, whenStopped } from '../start'
import { discoverExpress, observeExpressApps } from './express-apps'
import { observeFastifyApps } from './fastify-apps'
import { correlatePino } from './pino-loads'

const slot = shared<{ isOn: boolean }>('sdk.register', () => ({ isOn: false }))

/**
 * Observes a whole process without a line in the app: servers of `node:http`, `https` and `http2`, Express and Fastify (when
 * `@hashira/express` and `@hashira/fastify` are installed), outgoing calls, and pino. What `hashira/register` does; configured by
 * the environment alone. Never throws: what does not work is one line.
 *
 * Does nothing in a package manager, which `NODE_OPTIONS` loads this into as well, nor in an edge runtime. A process opens
 * its listener when its first server does, and prints no line before. A second call while the first one's Hashira runs does nothing.
 */
export function register(): void {
  if (slot.isOn || isTool(process.argv[1]) || isEdge(process.env)) return
  try {
    ensureStarted()
    const stops = [
      instrumentServers({ onResponse: (_span, request) => discoverExpress(request) }),
      observeExpressApps(),
      observeFastifyApps(),
      correlatePino(),
    ]
    slot.isOn = true
    whenStopped(() => {
      for (const stop of stops.reverse()) stop()
      slot.isOn = false
    })
  } catch (error) {
    countFault('register')
    say(
      'warn',
      `hashira/register: ${isHashiraError(error) ? error.message : String(error)}; the app runs unobserved`,
    )
  }
}

const TOOLS = /[\\/](npm|npx|yarn|yarnpkg|pnpm|pnpx|corepack|bun)(-cli)?(\.[cm]?js)?$/

function isTool(script: string | undefined): boolean {
  return script !== undefined && TOOLS.test(script)
}

/** Next.js calls its `register()` in each of its runtimes. */
function isEdge(env: Environment): boolean {
  return env['NEXT_RUNTIME'] !== undefined && env['NEXT_RUNTIME'] !== 'nodejs'
}
