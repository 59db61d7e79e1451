/**
 * The path of a group: `/metrics/job/JOB/LABEL/VALUE…`. A value that is empty or has a slash goes as base64, of which the empty
 * one is written `=` (https://github.com/prometheus/pushgateway, "Base64 encoding").
 */
export function groupPath(job: string, groupingKey: Readonly<Record<string, string>>): string {
  return [
    '/metrics',
    ...Object.entries({ job, ...groupingKey }).map(([name, value]) => segment(name, value)),
  ].join('/')
}

function segment(name: string, value: string): string {
  if (value !== '' && !value.includes('/') && !/^\.{1,2}$/.test(value))
    return `${name}/${encodeURIComponent(wellFormed(value))}`
  const encoded = Buffer.from(value, 'utf8').toString('base64url')
  return `${name}@base64/${encoded === '' ? '=' : encoded}`
}

function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}
