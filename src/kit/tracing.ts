/**
 * OpenTelemetry tracing: one span per job run, with a child span per HTTP call. Off by default; its
 * packages are loaded only when it is on.
 */

import type { Telemetry } from 'bullmq';
import type { Context } from '@opentelemetry/api';

export interface Tracing {
  /** For consumers only: producers store no trace context in a job, which keeps batch jobs small. */
  telemetry: Telemetry<Context>;
  /** Exports the buffered spans. */
  stop(): Promise<void>;
}

interface TracingOptions {
  /** Base URL of a collector that accepts OTLP over HTTP, e.g. `http://127.0.0.1:4318`. */
  endpoint: string;
  /** Share of the jobs that are traced, 0 to 1. */
  sampleRatio: number;
  serviceName: string;
}

/** Starts tracing for this process. */
export async function startTracing({ endpoint, sampleRatio, serviceName }: TracingOptions): Promise<Tracing> {
  const [sdk, { OTLPTraceExporter }, { UndiciInstrumentation }, { resourceFromAttributes }, { BullMQOtel }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/instrumentation-undici'),
      import('@opentelemetry/resources'),
      import('bullmq-otel'),
    ]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` });
  const provider = new sdk.NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    // Sampling is per job: all spans of a job are traced, or none.
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(sampleRatio) }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter)],
  });
  // No trace headers are added to the calls to the upstreams.
  provider.register({ propagator: null });
  const calls = new UndiciInstrumentation({ requireParentforSpans: true });
  calls.setTracerProvider(provider);
  return {
    telemetry: new BullMQOtel({ tracerName: serviceName }),
    async stop() {
      calls.disable();
      await provider.shutdown();
    },
  };
}
