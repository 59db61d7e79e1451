import { readFileSync } from 'node:fs'
import type { OptionSpec } from '@hashira/core'

const PEM_HEADER = '-----BEGIN '

/** A certificate or key: PEM text, or the path of a PEM file, which is read at once. Never shown in messages. */
export function pemOption(env: readonly string[]): OptionSpec<string | undefined> {
  return {
    env,
    default: undefined,
    allowed: 'PEM text or the path of a PEM file that can be read',
    secret: true,
    accept: readPem,
    parse: readPem,
  }
}

function readPem(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  if (value.includes(PEM_HEADER)) return value
  try {
    const text = readFileSync(value, 'utf8')
    return text.includes(PEM_HEADER) ? text : undefined
  } catch {
    return undefined
  }
}
