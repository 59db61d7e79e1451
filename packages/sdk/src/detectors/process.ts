import { randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import type { Detector } from './detector'

/** `process.*` (semantic conventions, "Process"). Not its arguments: they may hold secrets. */
export const processDetector: Detector = {
  name: 'process',
  detect: () => ({
    'process.pid': process.pid,
    'process.command': process.argv[1],
    'process.executable.name': basename(process.execPath),
    'process.executable.path': process.execPath,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'process.runtime.description': 'Node.js',
  }),
}

/** `service.instance.id`: random, new with each process. */
export const serviceInstance: Detector = {
  name: 'serviceinstance',
  detect: () => ({ 'service.instance.id': randomUUID() }),
}
