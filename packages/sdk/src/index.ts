export type { Hashira, Status } from './hashira'
export type { ExporterChoice, IgnoreEntry } from './settings'
export { ensureStarted, type StartOptions, start } from './start'
export { version } from './version'
