/**
 * BullMQ made durable: a queue for the calls and a queue for their results. The worker of the second queue prefetches
 * 200 results, writes them back in batches of 50, and acknowledges each when Bloomreach has accepted it.
 */

import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { customerOf } from '../customers.mjs';
import { makeCreate, makeWriteBack, postByUndici } from '../work.mjs';
import { fail, inChunks, readParameters } from './parameters.mjs';

const { part, url, jobs, broker } = readParameters();
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
  const caller = new Worker(
    'pass',
    async ({ data }) => {
      await results.add('attributes', await create(data));
    },
    { connection, concurrency: 10 },
  );
  const writer = new Worker('writeback', ({ data }) => writeBack(data), { connection, concurrency: 200 });
  caller.on('error', fail);
  writer.on('error', fail);
}
