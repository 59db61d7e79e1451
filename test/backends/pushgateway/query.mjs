import { getJson } from '../get-json.mjs'

/**
 * The groups that a Pushgateway at `url` holds whose grouping key has all of `labels` (`job` among them):
 * `[{ labels, last_push_successful, push_time_seconds, NAME: { type, help, metrics: [{ labels, value … }] } … }]`.
 */
export async function pushedGroups(url, labels = {}) {
  const { data } = await getJson(`${url}/api/v1/metrics`)
  return data.filter((group) => Object.entries(labels).every(([name, value]) => group.labels[name] === value))
}
