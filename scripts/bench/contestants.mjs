/**
 * The contestants of the race: what each is, what survives a crash (`isDurable`: every result does), the broker it
 * needs, and the signals with which its recovery is measured, each with its maximum number of attempts.
 */

import { startPassbridge } from './contestants/passbridge.mjs';
import { startScript } from './contestants/script.mjs';

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {string} about
 * @property {string} keeps What survives a crash.
 * @property {boolean} isDurable
 * @property {'redis' | 'postgres'} [broker]
 * @property {(testbed: import('./testbed.mjs').Testbed) => Promise<any>} start Resolves with {workers, helpers, startReplacement}.
 * @property {{ signal: NodeJS.Signals, maxAttempts: number }[]} [recovers]
 */

const JOBS_ONLY = 'The jobs. Results waiting for their batch are lost, and calls in flight are repeated.';

const ALL =
  'Jobs, results and the ledger of cards. A crash makes no second card; a create without a known outcome is held for an operator.';

/**
 * The upper bound that all others are compared with.
 * @type {Contestant}
 */
export const limit = {
  name: 'limit',
  about: 'Ten loops over one undici pool in one process, results written back in batches of 50. No queue.',
  keeps: 'Nothing.',
  isDurable: false,
  start: startScript('limit'),
};

/** @type {Contestant[]} */
export const contestants = [
  limit,
  {
    name: 'p-queue',
    about: 'The obvious first script: p-queue with concurrency 10 over Node’s own fetch.',
    keeps: 'Nothing.',
    isDurable: false,
    start: startScript('p-queue'),
  },
  {
    name: 'bullmq',
    about:
      'BullMQ as its documentation shows it: one queue, one worker with concurrency 10, results batched in memory.',
    keeps: JOBS_ONLY,
    isDurable: false,
    broker: 'redis',
    start: startScript('bullmq'),
    // One attempt: with BullMQ's defaults it takes a minute.
    recovers: [{ signal: 'SIGKILL', maxAttempts: 1 }],
  },
  {
    name: 'bullmq-two-queues',
    about:
      'BullMQ with a second queue for the results; its worker prefetches 200 and writes them back in batches of 50.',
    keeps: 'Jobs and results. Calls in flight are repeated, which makes duplicate cards.',
    isDurable: true,
    broker: 'redis',
    start: startScript('bullmq-two-queues'),
  },
  {
    name: 'bullmq-prefetch',
    about:
      'BullMQ with 200 prefetched jobs and a semaphore for ten calls. The limit of ten applies to one process only.',
    keeps: JOBS_ONLY,
    isDurable: false,
    broker: 'redis',
    start: startScript('bullmq-prefetch'),
  },
  {
    name: 'bee-queue',
    about: 'bee-queue with concurrency 10, no events and no stored jobs; results batched in memory.',
    keeps: JOBS_ONLY,
    isDurable: false,
    broker: 'redis',
    start: startScript('bee-queue'),
  },
  {
    name: 'graphile-worker',
    about:
      'graphile-worker on PostgreSQL, concurrency 10 and a local queue of 100; results batched in memory.',
    keeps: JOBS_ONLY,
    isDurable: false,
    broker: 'postgres',
    start: startScript('graphile-worker'),
  },
  {
    name: 'pg-boss',
    about:
      'pg-boss on PostgreSQL, fetch and complete in batches of 500, ten concurrent calls; results batched in memory.',
    keeps: JOBS_ONLY,
    isDurable: false,
    broker: 'postgres',
    start: startScript('pg-boss'),
  },
  {
    name: 'passbridge-1',
    about:
      'passbridge with its defaults: one worker process, and a feeder that feeds while the worker calls.',
    keeps: ALL,
    isDurable: true,
    broker: 'redis',
    start: startPassbridge(1),
    recovers: [
      { signal: 'SIGKILL', maxAttempts: 3 },
      { signal: 'SIGTERM', maxAttempts: 3 },
    ],
  },
  {
    name: 'passbridge-2',
    about: 'The same with two worker processes, which share the ten slots.',
    keeps: ALL,
    isDurable: true,
    broker: 'redis',
    start: startPassbridge(2),
  },
];
