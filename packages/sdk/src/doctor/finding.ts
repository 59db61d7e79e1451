/** `ok` works; `note` is worth knowing; `warning` may surprise; `problem` does not work, and fails the command. */
export type Severity = 'ok' | 'note' | 'warning' | 'problem'

export interface Finding {
  readonly severity: Severity
  readonly text: string
  /** What to do about it. */
  readonly advice?: string | undefined
}

export interface Section {
  readonly title: string
  readonly findings: readonly Finding[]
}

export const ok = (text: string): Finding => ({ severity: 'ok', text })
export const note = (text: string, advice?: string): Finding => ({ severity: 'note', text, advice })
export const warning = (text: string, advice?: string): Finding => ({ severity: 'warning', text, advice })
export const problem = (text: string, advice?: string): Finding => ({ severity: 'problem', text, advice })
