import { hostname, release, type } from 'node:os'
import type { Detector } from './detector'

/** Go's names of architectures, which the semantic conventions take. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: 'x86',
  arm: 'arm32',
  ppc64: 'ppc64',
}

/** `host.*` (semantic conventions, "Host"). `host.id` is the machine id, which a container shares with its image at most. */
export const host: Detector = {
  name: 'host',
  detect: ({ readFile }) => ({
    'host.name': hostname(),
    'host.arch': ARCHITECTURES[process.arch] ?? process.arch,
    'host.id': readFile('/etc/machine-id')?.trim() || undefined,
  }),
}

/** `os.*` (semantic conventions, "Operating system"). */
export const os: Detector = {
  name: 'os',
  detect: () => ({
    'os.type': process.platform === 'win32' ? 'windows' : process.platform,
    'os.name': type(),
    'os.version': release(),
  }),
}
