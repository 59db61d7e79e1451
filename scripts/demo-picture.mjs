// Draws docs/demo.svg, the README's picture of the demo, from what the demo really prints.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'

const COLUMNS = 124
const LINE_HEIGHT = 18
const CHARACTER_WIDTH = 7.8
const HEADING = /^(One slow trace|Rate, errors|The log lines|Look further)/

const printed = execFileSync(process.execPath, ['examples/shop/demo.mjs', '--once'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
})
const lines = ['$ npm run demo -- --once', ...printed.trimEnd().split('\n')].map(clip)
const width = Math.ceil(COLUMNS * CHARACTER_WIDTH) + 40
const height = lines.length * LINE_HEIGHT + 40

const rows = lines.map((line, i) => {
  const style = HEADING.test(line) ? ' class="heading"' : /\s[1-9][\d.]* %/.test(line) ? ' class="error"' : ''
  return `<text x="20" y="${32 + i * LINE_HEIGHT}"${style} xml:space="preserve">${escapeXml(line)}</text>`
})

mkdirSync('docs', { recursive: true })
writeFileSync(
  'docs/demo.svg',
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>What the demo prints: one slow trace, rates and durations per route, the log lines of that trace</title>
<style>text { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d8dee9 } .heading { font-weight: bold; fill: #88c0d0 } .error { fill: #ff8f8f }</style>
<rect width="100%" height="100%" rx="8" fill="#1e2430"/>
${rows.join('\n')}
</svg>
`,
)

function clip(line) {
  return line.length > COLUMNS ? `${line.slice(0, COLUMNS - 1)}…` : line
}

function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
