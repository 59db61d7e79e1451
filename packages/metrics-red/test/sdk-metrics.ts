import type { Meter } from '@opentelemetry/api'
import { type IMetricReader, MeterProvider, MetricReader, type ViewOptions } from '@opentelemetry/sdk-metrics'

class ManualReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

// biome-ignore lint/suspicious/noExplicitAny: data points of all kinds are compared field by field
export type SdkPoint = { attributes: Record<string, unknown>; value: any }

/** OpenTelemetry's own SDK, read by hand: what ours is compared with. */
export function sdkMeter(views: ViewOptions[] = []): {
  meter: Meter
  points(name: string): Promise<SdkPoint[]>
} {
  const reader = new ManualReader()
  const provider = new MeterProvider({ readers: [reader as IMetricReader], views })
  return {
    meter: provider.getMeter('oracle'),
    async points(name) {
      const { resourceMetrics, errors } = await reader.collect()
      if (errors.length > 0) throw errors[0]
      const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
      return all
        .filter(({ descriptor }) => descriptor.name === name)
        .flatMap(({ dataPoints }) => dataPoints as SdkPoint[])
    },
  }
}
