// What `npm install` of an adapter and two exporters puts on the disk: Hashira and its dependencies, without the framework
// and pino, which an app has anyway. prom-client counts: npm installs it as a peer where an app has none.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installPacked } from '../lib/hashira.mjs'
import { fixed, table } from '../lib/table.mjs'
import { installedPackages } from './installed-packages.mjs'

const { values: options } = parseArgs({
  options: {
    packages: {
      type: 'string',
      default: '@hashira/express,@hashira/exporter-prometheus,@hashira/exporter-jaeger',
    },
    help: { type: 'boolean', default: false },
  },
})
if (options.help) {
  console.log('--packages @hashira/express,@hashira/exporter-prometheus,@hashira/exporter-jaeger')
  process.exit(0)
}

const folder = mkdtempSync(join(tmpdir(), 'hashira-install-size-'))
try {
  await installPacked(options.packages.split(','), folder, ['prom-client@15'])
  const packages = installedPackages(join(folder, 'node_modules')).sort((a, b) => b.bytes - a.bytes)
  const bytes = packages.reduce((sum, each) => sum + each.bytes, 0)
  const files = packages.reduce((sum, each) => sum + each.files, 0)
  console.log(
    `npm install ${options.packages.replaceAll(',', ' ')}, without framework and pino, sum of file sizes:\n`,
  )
  console.log(
    table([
      ['package', 'version', 'MB', 'files'],
      ...packages.map((each) => [each.name, each.version, fixed(each.bytes / 1e6, 3), String(each.files)]),
      [`${packages.length} packages`, '', fixed(bytes / 1e6, 3), String(files)],
    ]),
  )
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
