import { readFileSync } from 'node:fs'
import type { OptionSpec } from '@hashira/core'

const PEM_HEADER = '-----BEGIN '

/** A certificate or key: PEM text, or the path of a PEM file, which is read at once. Never shown in messages. */
export function pemOption(
  kind: 'ca' | 'cert' | 'key',
  env: readonly string[],
): OptionSpec<string | undefined> {
  return {
    env,
    default: undefined,
    allowed: 'PEM text that TLS can use, or the path of a file with it',
    secret: true,
    accept: (value) => readPem(kind, value),
    parse: (value) => readPem(kind, value),
  }
}

function readPem(kind: 'ca' | 'cert' | 'key', value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  try {
    const text = value.includes(PEM_HEADER) ? value : readFileSync(value, 'utf8')
    if (!text.includes(PEM_HEADER)) return undefined
    if (kind === 'ca') checkCertificate(text)
    else createSecureContext({ [kind]: text })
    return text
  } catch {
    return undefined
  }
}

// A secure context takes a broken `ca` without a word, and then trusts nobody.
function checkCertificate(text: string): void {
  const { X509Certificate } = process.getBuiltinModule('node:crypto')
  if (!new X509Certificate(text).validTo) throw new RangeError('no certificate')
}

interface PemTexts {
  ca?: string | undefined
  cert?: string | undefined
  key?: string | undefined
}

/** Throws for what TLS can't use. Loaded only when wanted: an app without TLS need not pay for it. */
export function createSecureContext(options: PemTexts): void {
  process.getBuiltinModule('node:tls').createSecureContext(options)
}
