/** BullMQ as its documentation shows it: one queue, concurrency 10, results gathered in memory. */

import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { customerOf } from '../customers.mjs';
import { makeCreate, makeWriteBack, postByUndici } from '../work.mjs';
import { fail, inChunks, take } from './order.mjs';

const { part, url, jobs, broker } = take();
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
      // Acknowledged before the result is home: a crash in between loses it.
      void writeBack(await create(data));
    },
    { connection, concurrency: 10 },
  );
  worker.on('error', fail);
}
