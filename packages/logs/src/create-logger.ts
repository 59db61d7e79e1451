import type { DestinationStream, Logger, LoggerOptions } from 'pino'
import { correlate } from './correlate'

type PinoFactory = (options?: object, destination?: object) => Logger

/** `pino(options, destination)`, correlated: what both may be and what comes back is pino's. */
export function createLogger<CustomLevels extends string = never>(
  options?: LoggerOptions<CustomLevels> | DestinationStream,
): Logger<CustomLevels>
export function createLogger<CustomLevels extends string = never>(
  options: LoggerOptions<CustomLevels>,
  destination?: DestinationStream | undefined,
): Logger<CustomLevels>
export function createLogger(options?: object, destination?: object): unknown {
  // Loaded with the first logger, not on import: pino takes 20 to 30 ms, and an app may only correlate a logger of its own.
  const pino = require('pino') as PinoFactory
  return correlate(destination === undefined ? pino(options) : pino(options, destination))
}
