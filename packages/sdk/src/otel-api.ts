type Api = typeof import('@opentelemetry/api')

const FILE_OF_API = /[\\/]@opentelemetry[\\/]api[\\/]/

/** The app's own copy. Loaded only when it is needed: its 60 files take 11 ms of an app's start. */
export function openTelemetryApi(): Api {
  return require('@opentelemetry/api') as Api
}

/**
 * Whether somebody has loaded it: he may hold tracers already, which find their provider only when it is registered through the
 * API. In a bundled app, where modules are no files, nobody knows, so it counts as loaded.
 */
export function isApiLoaded(): boolean {
  if (typeof module.filename !== 'string') return true
  return Object.keys(require.cache).some((path) => FILE_OF_API.test(path))
}
