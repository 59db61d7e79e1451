/**
 * Reads back from moto (`url`) through AWS's own HTTP API, in one region and account. Property names and shapes are AWS's.
 * moto checks no signature; it takes the service and the region from the credential scope.
 */
export class MotoApi {
  #url
  #region

  constructor(url, { region = 'us-east-1' } = {}) {
    this.#url = url
    this.#region = region
  }

  /** CloudWatch's metrics of a namespace: `[{ Namespace, MetricName, Dimensions: [{ Name, Value }] }]`. */
  async metrics(namespace) {
    return (await this.cloudwatch('ListMetrics', { Namespace: namespace })).Metrics
  }

  /**
   * The datapoints of one metric, whose dimensions are exactly `dimensions` (`{ name: value }`), around now:
   * `[{ Timestamp, SampleCount, Sum, Average, Minimum, Maximum }]`.
   */
  async statistics({ namespace, name, dimensions = {}, periodSeconds = 60 }) {
    const nowSeconds = Math.floor(Date.now() / 1000)
    const { Datapoints } = await this.cloudwatch('GetMetricStatistics', {
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      StartTime: nowSeconds - 3600,
      EndTime: nowSeconds + 3600,
      Period: periodSeconds,
      Statistics: ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'],
    })
    return Datapoints
  }

  /** The events of every stream of a log group: `[{ message, timestamp, ingestionTime, logStreamName }]`. */
  async logEvents(logGroupName) {
    return (await this.logs('FilterLogEvents', { logGroupName })).events
  }

  /** The segment documents of X-Ray traces (`1-…-…`), parsed. */
  async segments(...traceIds) {
    const { Traces } = await this.xray('/Traces', { TraceIds: traceIds })
    return Traces.flatMap(({ Segments }) => Segments.map(({ Document }) => JSON.parse(Document)))
  }

  /** Any action of CloudWatch. */
  cloudwatch(action, body) {
    return this.#call('monitoring', '/', body, {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `GraniteServiceVersion20100801.${action}`,
    })
  }

  /** Any action of CloudWatch Logs. */
  logs(action, body) {
    return this.#call('logs', '/', body, {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Logs_20140328.${action}`,
    })
  }

  /** Any call of X-Ray, by its path. */
  xray(path, body) {
    return this.#call('xray', path, body, { 'content-type': 'application/json' })
  }

  async #call(service, path, body, headers) {
    const scope = `reader/20000101/${this.#region}/${service}/aws4_request`
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`
    const response = await fetch(`${this.#url}${path}`, {
      method: 'POST',
      headers: { ...headers, authorization },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${service}${path} answered ${response.status}: ${text.slice(0, 300)}`)
    return text && JSON.parse(text)
  }
}
