import { shared, warnOnce } from '@hashira/core'
import { faultMetric } from './fault-metric'
import { HistogramRecorder } from './histogram-recorder'
import { UpDownCounterRecorder } from './number-recorder'

/** Seconds; OpenTelemetry's advice for request durations (HTTP metrics, semantic conventions). */
export const HTTP_DURATION_BUCKETS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

export interface HttpServerMetricsSettings {
  /** Ascending upper bounds in seconds. Default {@link HTTP_DURATION_BUCKETS}. */
  readonly buckets?: readonly number[] | undefined
  /** Attribute keys after the six of OpenTelemetry. Default none. */
  readonly extraLabels?: readonly string[] | undefined
}

export interface HttpServerMetrics {
  /**
   * `http.server.request.duration` in seconds, by `http.request.method`, `http.route` (absent when none matched),
   * `http.response.status_code` (a number), `url.scheme`, `error.type`, `network.protocol.version`, and the extra labels.
   */
  readonly duration: HistogramRecorder
  /** `http.server.active_requests` by `http.request.method` and `url.scheme`. */
  readonly activeRequests: UpDownCounterRecorder
}

/** The RED metrics of servers, once per process: the first call decides about buckets and extra labels. */
export function httpServerMetrics(settings: HttpServerMetricsSettings = {}): HttpServerMetrics {
  const metrics = shared('metrics-red.http.server', () => createServerMetrics(settings))
  warnWhenDifferent(metrics.duration, settings)
  return metrics
}

/** `http.server.active_requests` by `http.request.method` and `url.scheme`, once per process; it decides about no label. */
export function httpServerActiveRequests(): UpDownCounterRecorder {
  return shared('metrics-red.http.server.active', () => {
    faultMetric()
    return new UpDownCounterRecorder({
      name: 'http.server.active_requests',
      description: 'Number of active HTTP server requests.',
      unit: '{request}',
      attributeKeys: ['http.request.method', 'url.scheme'],
    })
  })
}

/** `http.client.request.duration` in seconds, by `http.request.method`, `server.address`, `server.port` (a number), `http.response.status_code` (a number), `error.type`, `network.protocol.version`; once per process. */
export function httpClientMetrics(): { readonly duration: HistogramRecorder } {
  return shared('metrics-red.http.client', () => {
    faultMetric()
    return {
      duration: new HistogramRecorder({
        name: 'http.client.request.duration',
        description: 'Duration of HTTP client requests.',
        unit: 's',
        bounds: HTTP_DURATION_BUCKETS,
        attributeKeys: [
          'http.request.method',
          'server.address',
          'server.port',
          'http.response.status_code',
          'error.type',
          'network.protocol.version',
        ],
      }),
    }
  })
}

const SERVER_KEYS = [
  'http.request.method',
  'http.route',
  'http.response.status_code',
  'url.scheme',
  'error.type',
  'network.protocol.version',
]

function createServerMetrics(settings: HttpServerMetricsSettings): HttpServerMetrics {
  faultMetric()
  return {
    duration: new HistogramRecorder({
      name: 'http.server.request.duration',
      description: 'Duration of HTTP server requests.',
      unit: 's',
      bounds: settings.buckets ?? HTTP_DURATION_BUCKETS,
      attributeKeys: [...SERVER_KEYS, ...(settings.extraLabels ?? [])],
    }),
    activeRequests: httpServerActiveRequests(),
  }
}

function warnWhenDifferent(
  duration: HistogramRecorder,
  { buckets, extraLabels }: HttpServerMetricsSettings,
): void {
  const labels = duration.attributeKeys.slice(SERVER_KEYS.length)
  const isDifferent =
    (buckets !== undefined && String(buckets) !== String(duration.bounds)) ||
    (extraLabels !== undefined && String(extraLabels) !== String(labels))
  if (!isDifferent) return
  warnOnce(
    'HASHIRA_OPTION_INVALID',
    `${duration.name} already exists with buckets ${duration.bounds.join(', ')} and extra labels [${labels.join(', ')}]; the first settings of a process hold`,
  )
}
