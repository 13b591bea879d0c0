/** A span for each run of a job; the calls that it makes are traced below it. */

import { SpanKind, type Telemetry } from 'bullmq';
import { queueNames } from './names.ts';
import type { HandlePassJob } from './batch-job-run.ts';

/** The same handler. A worker takes several jobs at once, so BullMQ’s own span would hold them all. */
export function tracedRuns(handle: HandlePassJob, { tracer, contextManager }: Telemetry): HandlePassJob {
  return async (job, slot) => {
    const around = contextManager.active();
    const span = tracer.startSpan(`process ${queueNames.pass}`, { kind: SpanKind.CONSUMER }, around);
    span.setAttributes({ 'job.id': job.id, 'job.action': job.action, 'job.attempt': (job.tried ?? 0) + 1 });
    try {
      const outcome = await contextManager.with(span.setSpanOnContext(around), () => handle(job, slot));
      span.setAttribute('job.outcome', outcome.kind);
      return outcome;
    } finally {
      span.end();
    }
  };
}
