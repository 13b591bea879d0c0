/** Every metric this program exports, named once. Labels are bounded: no customer, no campaign. */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof makeMetrics>;

/** Opens a registry of its own, so that two programs in one process do not mix. */
export function makeMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    jobs: new Counter({
      name: 'passbridge_jobs_total',
      help: 'Runs of jobs by action, outcome and failure code (empty for none).',
      labelNames: ['action', 'outcome', 'code'] as const,
      registers,
    }),
    jobSeconds: new Histogram({
      name: 'passbridge_job_duration_seconds',
      help: 'Time a job held its slot, from claim to settlement.',
      labelNames: ['action'] as const,
      buckets: [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      registers,
    }),
    queueJobs: new Gauge({
      name: 'passbridge_queue_jobs',
      help: 'Jobs in the pass queue by state.',
      labelNames: ['state'] as const,
      registers,
    }),
    writebackWaiting: new Gauge({
      name: 'passbridge_writeback_waiting',
      help: 'Write-backs that Bloomreach has not accepted yet.',
      registers,
    }),
  };
}
