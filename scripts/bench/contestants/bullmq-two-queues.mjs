/**
 * BullMQ made durable: a queue for the calls and a queue for their results, whose worker has 200 jobs
 * in hand, sends 50 of them home at once and acknowledges each when Bloomreach has it.
 */

import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { customerOf } from '../customers.mjs';
import { makeCreate, makeWriteBack, postByUndici } from '../work.mjs';
import { fail, inChunks, take } from './order.mjs';

const { part, url, jobs, broker } = take();
const connection = new Redis(broker.socket, { maxRetriesPerRequest: null });
const defaultJobOptions = { removeOnComplete: true };

if (part === 'enqueue') {
  const queue = new Queue('pass', { connection, defaultJobOptions });
  await inChunks(jobs, customerOf, (rows) => queue.addBulk(rows.map((data) => ({ name: 'create', data }))));
  connection.disconnect();
} else {
  const post = postByUndici(url);
  const create = makeCreate(post);
  const writeBack = makeWriteBack(post);
  const results = new Queue('writeback', { connection, defaultJobOptions });
  const creator = new Worker(
    'pass',
    async ({ data }) => {
      await results.add('attributes', await create(data));
    },
    { connection, concurrency: 10 },
  );
  const carrier = new Worker('writeback', ({ data }) => writeBack(data), { connection, concurrency: 200 });
  creator.on('error', fail);
  carrier.on('error', fail);
}
