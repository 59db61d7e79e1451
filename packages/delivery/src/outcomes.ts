import type { Account } from './account'
import { BACKEND_WARNING, type DropWarnings } from './drop-warnings'

/** What a backend said of a batch, counted and said. */
export class Outcomes {
  readonly #account: Account
  readonly #warnings: DropWarnings

  constructor(account: Account, warnings: DropWarnings) {
    this.#account = account
    this.#warnings = warnings
  }

  /** It took `items`, but for what it rejected. */
  delivered(items: number, rejected: { itemCount: number; message: string } | undefined): void {
    const refused = Math.min(Math.max(Math.trunc(rejected?.itemCount ?? 0) || 0, 0), items)
    this.#account.deliver(items - refused)
    if (refused > 0) this.lost(refused, 'rejected', rejected?.message)
    else if (rejected !== undefined) this.#warnings.warn(BACKEND_WARNING, rejected.message)
  }

  lost(items: number, reason: string, message: string | undefined): void {
    this.#account.failExport(items, reason)
    this.#account.fail(reason, message)
    this.#warnings.warn(reason, message)
  }
}
