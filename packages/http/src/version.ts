/** Of this package, as in its package.json (a test compares them): the version of the scope of its spans. */
export const VERSION = '0.1.0'
