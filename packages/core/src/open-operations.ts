import { shared } from './shared'

/**
 * How many operations (server requests) of this process are under way. Adapters keep it; while it is not zero, a span that
 * begins a trace outside of every operation may have lost its request.
 */
export const openOperations = shared<{ count: number }>('operations.open', () => ({ count: 0 }))
