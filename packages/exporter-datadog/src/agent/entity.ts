import { readFileSync, statSync } from 'node:fs'

/** By what the agent finds the container that something comes from, to add its tags. */
export interface Entity {
  readonly containerId: string | undefined
  /** `ci-<container id>`, or `in-<inode>` of the cgroup where no id is to be seen. */
  readonly entityId: string | undefined
}

const CONTAINER = '[0-9a-f]{64}'
const FARGATE_TASK = '[0-9a-f]{32}-\\d+'
const GARDEN =
  '[0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{8}(?:-[0-9a-f]{4}){4}$'
const ID = new RegExp(`.*(${GARDEN}|${CONTAINER}|${FARGATE_TASK})(?:\\.scope)?$`, 'm')
const V2_PATH = /^0::(\/.*)$/m

/** Reads Linux's cgroups, once; nothing on other systems. The expressions are those of Datadog's tracers. */
export function readEntity(
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
  inodeOf: (path: string) => number = (path) => statSync(path).ino,
): Entity {
  try {
    const cgroup = read('/proc/self/cgroup').trim()
    const containerId = ID.exec(cgroup)?.[1]
    if (containerId !== undefined) return { containerId, entityId: `ci-${containerId}` }
    const path = V2_PATH.exec(cgroup)?.[1]
    if (path === undefined) return { containerId, entityId: undefined }
    const inode = inodeOf(`/sys/fs/cgroup/${path.replace(/^\/|\/$/g, '')}`)
    return { containerId, entityId: inode > 1 ? `in-${inode}` : undefined }
  } catch {
    return { containerId: undefined, entityId: undefined }
  }
}
