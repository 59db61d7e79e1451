import { styleText } from 'node:util'
import type { Finding, Section, Severity } from './finding'

const MARKS: Readonly<Record<Severity, [mark: string, style: Parameters<typeof styleText>[0]]>> = {
  ok: ['✔', 'green'],
  note: ['·', 'gray'],
  warning: ['!', 'yellow'],
  problem: ['✖', 'red'],
}

/** One screen: a heading per section, a line per finding, its advice below. */
export function renderSections(sections: readonly Section[], color: boolean): string {
  const styled = (style: Parameters<typeof styleText>[0], text: string) =>
    color ? styleText(style, text) : text
  const line = ({ severity, text, advice }: Finding) => {
    const [mark, style] = MARKS[severity]
    const first = `  ${styled(style, mark)} ${text}`
    return advice === undefined ? first : `${first}\n    ${styled('gray', `→ ${advice}`)}`
  }
  return sections
    .filter(({ findings }) => findings.length > 0)
    .map(({ title, findings }) => `${styled('bold', title)}\n${findings.map(line).join('\n')}`)
    .join('\n\n')
}
