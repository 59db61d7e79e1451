/** What an exporter returned where nothing is expected: if it is a promise after all, its rejection must not become the app's. */
export function ignoreRejection(value: unknown): void {
  if (typeof (value as PromiseLike<unknown> | undefined | null)?.then === 'function')
    Promise.resolve(value).catch(() => {})
}
