import { HashiraError } from '@hashira/core'

/** The part of the optional `unix-dgram` that is used: Node itself has no unix datagrams. */
export interface UnixDatagramSocket {
  on(event: 'error', listener: (error: unknown) => void): unknown
  once(event: 'writable', listener: () => void): unknown
  connect(path: string): void
  send(bytes: Uint8Array, done: (error?: { readonly code?: unknown }) => void): void
  close(): void
}

interface UnixDgram {
  createSocket(type: 'unix_dgram'): UnixDatagramSocket
}

export function canLoadUnixDgram(): boolean {
  try {
    load()
    return true
  } catch {
    return false
  }
}

/** @throws HashiraError HASHIRA_OPTION_INVALID when it is not installed */
export function loadUnixDgram(): UnixDgram {
  try {
    return load()
  } catch (cause) {
    const text = 'datadog(): option "dogstatsdUrl" is a unix socket, which needs: npm install unix-dgram'
    throw new HashiraError('HASHIRA_OPTION_INVALID', text, { cause })
  }
}

function load(): UnixDgram {
  return require('unix-dgram') as UnixDgram
}
