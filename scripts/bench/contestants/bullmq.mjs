/** BullMQ as its documentation shows it: one queue, concurrency 10, results batched in memory. */

import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { customerOf } from '../customers.mjs';
import { makeCreate, makeWriteBack, postByUndici } from '../work.mjs';
import { fail, inChunks, readParameters } from './parameters.mjs';

const { part, url, jobs, broker } = readParameters();
const connection = new Redis(broker.socket, { maxRetriesPerRequest: null });

if (part === 'enqueue') {
  const queue = new Queue('pass', { connection });
  await inChunks(jobs, customerOf, (rows) => queue.addBulk(rows.map((data) => ({ name: 'create', data }))));
  connection.disconnect();
} else {
  const post = postByUndici(url);
  const create = makeCreate(post);
  const writeBack = makeWriteBack(post);
  const worker = new Worker(
    'pass',
    async ({ data }) => {
      // Acknowledged before the write-back: a crash in between loses the result.
      void writeBack(await create(data));
    },
    { connection, concurrency: 10 },
  );
  worker.on('error', fail);
}
