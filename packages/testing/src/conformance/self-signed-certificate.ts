import { generateKeyPairSync, sign } from 'node:crypto'

/**
 * A certificate for `localhost` that nobody knows, valid from 2020 to 2049, with its key: PEM texts. Node reads certificates but
 * makes none, so the few fields of RFC 5280 are written here.
 */
export function selfSignedCertificate(): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(element(0x31, sequence(COMMON_NAME, element(0x0c, Buffer.from('localhost')))))
  const validity = sequence(utcTime('200101000000Z'), utcTime('491231235959Z'))
  const serial = element(0x02, Buffer.from([1]))
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const body = sequence(serial, ECDSA_WITH_SHA256, name, validity, name, spki)
  const signature = sign('sha256', body, privateKey)
  const bits = element(0x03, Buffer.concat([Buffer.from([0]), signature]))
  return {
    cert: pem('CERTIFICATE', sequence(body, ECDSA_WITH_SHA256, bits)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** The object identifiers 2.5.4.3 and 1.2.840.10045.4.3.2. */
const COMMON_NAME = Buffer.from('0603550403', 'hex')
const ECDSA_WITH_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'))

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts))
}

function utcTime(text: string): Buffer {
  return element(0x17, Buffer.from(text, 'ascii'))
}

/** DER: a tag, the length in as few bytes as it takes, the content. */
function element(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
