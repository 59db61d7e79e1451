import { ricFolder, versions } from './get.mjs'

export const coldMinutes = 0.2

export async function get() {
  return { path: await ricFolder(versions[0]), version: versions.join(' ') }
}

/** `folders` by version. */
export async function start() {
  const folders = {}
  for (const version of versions) folders[version] = await ricFolder(version)
  return { version: versions.join(' '), given: { folders } }
}
