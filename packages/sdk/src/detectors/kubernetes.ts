import { hostname } from 'node:os'
import type { Detector, Surroundings } from './detector'

const NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'
const UID = /pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})/

/**
 * `k8s.*` of a pod, from what Kubernetes puts into every container: its host name is the pod's, its service account knows the
 * namespace, its control group the pod's uid. What only the downward API tells is read from `POD_NAME`, `POD_NAMESPACE`,
 * `POD_UID`, `NODE_NAME` and `CONTAINER_NAME`, also with the prefix `K8S_`.
 */
export const kubernetes: Detector = {
  name: 'k8s',
  detect(surroundings) {
    const { env, readFile } = surroundings
    if (!isInCluster(surroundings)) return undefined
    const downward = (name: string) => env[`K8S_${name}`] ?? env[name]
    const groups = `${readFile('/proc/self/cgroup') ?? ''}\n${readFile('/proc/self/mountinfo') ?? ''}`
    return {
      'k8s.pod.name': downward('POD_NAME') ?? env['HOSTNAME'] ?? hostname(),
      'k8s.namespace.name': downward('POD_NAMESPACE') ?? readFile(NAMESPACE)?.trim(),
      'k8s.pod.uid': downward('POD_UID') ?? UID.exec(groups)?.[1]?.replaceAll('_', '-'),
      'k8s.node.name': downward('NODE_NAME'),
      'k8s.container.name': downward('CONTAINER_NAME'),
    }
  },
}

export function isInCluster({ env }: Surroundings): boolean {
  return Boolean(env['KUBERNETES_SERVICE_HOST'])
}
