/** BullMQ with 200 prefetched jobs and a semaphore for ten concurrent calls, so that no call waits for the queue. */

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
  const slots = makeSlots(10);
  const worker = new Worker(
    'pass',
    async ({ data }) => {
      await slots.acquire();
      const command = await create(data).finally(slots.release);
      // Acknowledged before the write-back: a crash in between loses the result.
      void writeBack(command);
    },
    { connection, concurrency: 200 },
  );
  worker.on('error', fail);
}

function makeSlots(free) {
  const waiting = [];
  return {
    async acquire() {
      if (free > 0) free -= 1;
      else await new Promise((resolve) => waiting.push(resolve));
    },
    /** Passes the slot to the next waiting job. */
    release() {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}
