import type { Message } from './traced-channel'

export function textIn(message: Message, key: string): string | undefined {
  const value = message[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function numberIn(message: Message, key: string): number | undefined {
  const value = message[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The default ports are left out where a socket file is the address. */
export function serverIn(message: Message): { 'server.address'?: string; 'server.port'?: number } {
  const address = textIn(message, 'serverAddress')
  const port = numberIn(message, 'serverPort')
  return {
    ...(address === undefined ? undefined : { 'server.address': address }),
    ...(port === undefined ? undefined : { 'server.port': port }),
  }
}
