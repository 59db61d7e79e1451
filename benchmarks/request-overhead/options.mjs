import { parseArgs } from 'node:util'
import { axisVariants, defaultVariants, variants } from './variants.mjs'

const frameworks = ['fastify', 'express']

const help = `CPU time per request of one app, bare and under several instrumentations

  --rounds 5                     measured rounds per variant
  --requests 20000               requests per round
  --warm-up 20000                requests before the first round, per variant, and once more after a collection
  --connections 16               keep-alive connections, one request at a time on each
  --frameworks ${frameworks.join(',')}
  --variants ${defaultVariants.join(',')}
  --axis                         also ${axisVariants.join(', ')}
  --node PATH                    the servers' Node; default: newest 24, kept in ~/.cache/hashira-backends
  --json                         print the result as JSON as well
  --help
`

/** Command line to options. Ends the process for --help and for what cannot be understood. */
export function readOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        rounds: { type: 'string', default: '5' },
        requests: { type: 'string', default: '20000' },
        'warm-up': { type: 'string', default: '20000' },
        connections: { type: 'string', default: '16' },
        frameworks: { type: 'string', default: frameworks.join(',') },
        variants: { type: 'string', default: defaultVariants.join(',') },
        axis: { type: 'boolean', default: false },
        node: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      console.log(help)
      process.exit(0)
    }
    return {
      rounds: count('rounds', values.rounds),
      requests: count('requests', values.requests),
      warmUp: count('warm-up', values['warm-up']),
      connections: count('connections', values.connections),
      frameworks: list('frameworks', values.frameworks, frameworks),
      variants: [
        ...new Set([
          ...list('variants', values.variants, Object.keys(variants)),
          ...(values.axis ? axisVariants : []),
        ]),
      ],
      node: values.node,
      json: values.json,
    }
  } catch (error) {
    console.error(`${error.message}\n\n${help}`)
    process.exit(2)
  }
}

function count(name, text) {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} must be a whole number from 1, not ${text}`)
  return value
}

function list(name, text, allowed) {
  const items = text.split(',').filter(Boolean)
  const unknown = items.find((item) => !allowed.includes(item))
  if (unknown || items.length === 0)
    throw new Error(`--${name} takes ${allowed.join(', ')}, not ${unknown ?? 'nothing'}`)
  return items
}
