import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from '../cached.mjs'
import { command } from '../command.mjs'

const version = '3.5.1'
const file = `zipkin-server-${version}-exec.jar`

/** Zipkin's server as one jar (`ZIPKIN_JAR`, else from Maven's repository) and that there is a Java to run it: `{ path, version }`. */
export async function get() {
  await command('java', ['-version'])
  const path = process.env.ZIPKIN_JAR || (await cached(file, download))
  return { path, version: process.env.ZIPKIN_JAR ? path : version }
}

async function download({ folder, log }) {
  const flags = [
    '--batch-mode',
    `-Dmaven.repo.local=${folder}`,
    `-Dartifact=io.zipkin:zipkin-server:${version}:jar:exec`,
    // The jar holds what it depends on, and some of that is in no repository.
    '-Dtransitive=false',
  ]
  const jar = join(folder, 'io', 'zipkin', 'zipkin-server', version, file)
  try {
    await command('mvn', [...flags, 'dependency:get'], { log, timeoutMs: 10 * 60_000 })
  } catch (error) {
    if (!existsSync(jar)) throw error
  }
  return jar
}
