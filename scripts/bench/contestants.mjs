/**
 * Who runs in the race, what each is, what it keeps through a crash (`isDurable`: every result), the
 * broker that it needs, and by which signals, how often at most, its recovery is measured.
 */

import { startPassbridge } from './contestants/passbridge.mjs';
import { startScript } from './contestants/script.mjs';

const JOBS_ONLY =
  'The jobs. Results that wait for their batch are lost in a crash, and calls are repeated after it.';

const ALL =
  'Jobs, results and who was served. A crash makes no second card; a call whose answer nobody heard is held for a person.';

/** The one that all others are compared with. */
export const limit = {
  name: 'limit',
  about: 'Ten loops over one undici pool in one process, results sent home by 50. No queue.',
  keeps: 'Nothing: a crash forgets who was served.',
  isDurable: false,
  start: startScript('limit'),
};

export const contestants = [
  limit,
  {
    name: 'p-queue',
    about: 'The script that one writes first: p-queue with concurrency 10 over Node’s own fetch.',
    keeps: 'Nothing.',
    isDurable: false,
    start: startScript('p-queue'),
  },
  {
    name: 'bullmq',
    about:
      'BullMQ as its documentation shows it: one queue, one worker with concurrency 10, results gathered in memory.',
    keeps: JOBS_ONLY,
    isDurable: false,
    broker: 'redis',
    start: startScript('bullmq'),
    // By its defaults it takes a minute.
    recovers: [{ signal: 'SIGKILL', most: 1 }],
  },
  {
    name: 'bullmq-two-queues',
    about:
      'BullMQ with a second queue for the results, whose worker has 200 in hand and sends 50 home at once.',
    keeps: 'Jobs and results; calls under way at a crash are repeated, which makes second cards.',
    isDurable: true,
    broker: 'redis',
    start: startScript('bullmq-two-queues'),
  },
  {
    name: 'bullmq-prefetch',
    about:
      'BullMQ with 200 jobs in hand, of which a semaphore lets ten call. The limit of ten holds in one process only.',
    keeps: JOBS_ONLY,
    isDurable: false,
    broker: 'redis',
    start: startScript('bullmq-prefetch'),
  },
  {
    name: 'bee-queue',
    about: 'bee-queue with concurrency 10, without events and stored jobs; results gathered in memory.',
    keeps: JOBS_ONLY,
    isDurable: false,
    broker: 'redis',
    start: startScript('bee-queue'),
  },
  {
    name: 'graphile-worker',
    about:
      'graphile-worker on PostgreSQL, concurrency 10 and a local queue of 100; results gathered in memory.',
    keeps: JOBS_ONLY,
    isDurable: false,
    broker: 'postgres',
    start: startScript('graphile-worker'),
  },
  {
    name: 'pg-boss',
    about:
      'pg-boss on PostgreSQL, fetched and completed by 500, ten calls at once; results gathered in memory.',
    keeps: JOBS_ONLY,
    isDurable: false,
    broker: 'postgres',
    start: startScript('pg-boss'),
  },
  {
    name: 'passbridge-1',
    about:
      'passbridge with all that it does by default: one worker process, and a feeder that feeds while it works.',
    keeps: ALL,
    isDurable: true,
    broker: 'redis',
    start: startPassbridge(1),
    recovers: [
      { signal: 'SIGKILL', most: 3 },
      { signal: 'SIGTERM', most: 3 },
    ],
  },
  {
    name: 'passbridge-2',
    about: 'The same with two worker processes, which share the ten calls.',
    keeps: ALL,
    isDurable: true,
    broker: 'redis',
    start: startPassbridge(2),
  },
];
