/**
 * Traces by OpenTelemetry: a span for each run of a job and, below it, for each call. Off by default,
 * and then nothing of it is loaded.
 */

import type { Telemetry } from 'bullmq';
import type { Context } from '@opentelemetry/api';

export interface Tracing {
  /** For those who take jobs; nothing is stored with a job, so that bulk jobs stay small. */
  telemetry: Telemetry<Context>;
  /** Sends what has gathered. */
  stop(): Promise<void>;
}

interface TracingOptions {
  /** Base URL of a collector that takes OTLP over HTTP, e.g. `http://127.0.0.1:4318`. */
  endpoint: string;
  /** Of the jobs, 0 to 1. */
  share: number;
  serviceName: string;
}

/** Starts it for this process. */
export async function startTracing({ endpoint, share, serviceName }: TracingOptions): Promise<Tracing> {
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
    // By the job: what belongs to one is traced together or not at all.
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(share) }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter)],
  });
  // What others are sent stays as it is: no header of ours.
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
