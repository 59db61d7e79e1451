import { askJson } from './ask-json'
import type { Detector } from './detector'
import { isInCluster } from './kubernetes'

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const API = 'https://kubernetes.default.svc'

interface ConfigMap {
  readonly data?: Readonly<Record<string, string | undefined>>
}

/**
 * `cloud.*` and `k8s.cluster.name` of Amazon EKS: a cluster with the config map `aws-auth` is one, and Container Insights
 * keeps its name. The pod's service account must be allowed to read both; where it is not, nothing is known.
 */
export const eks: Detector = {
  name: 'eks',
  detect: (surroundings) => {
    const { env, readFile } = surroundings
    // What EKS puts into its pods, so that other clusters are not asked: a web identity, or Amazon's credentials endpoint.
    const isAmazon = Boolean(
      env['AWS_WEB_IDENTITY_TOKEN_FILE'] ?? env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] ?? env['AWS_REGION'],
    )
    return isInCluster(surroundings) && isAmazon && readFile(`${ACCOUNT}/token`) !== undefined
      ? {}
      : undefined
  },
  async ask({ env, readFile, http }) {
    const base = env['HASHIRA_KUBERNETES_API'] ?? API
    const ca = readFile(`${ACCOUNT}/ca.crt`)
    const headers = { authorization: `Bearer ${readFile(`${ACCOUNT}/token`)?.trim()}` }
    const configMap = (path: string) =>
      askJson<ConfigMap>(http, { url: `${base}/api/v1/namespaces/${path}`, headers, ca })
    await configMap('kube-system/configmaps/aws-auth')
    const info = await configMap('amazon-cloudwatch/configmaps/cluster-info').catch((): ConfigMap => ({}))
    return {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_eks',
      'cloud.region': env['AWS_REGION'],
      'k8s.cluster.name': info.data?.['cluster.name'],
    }
  },
}
