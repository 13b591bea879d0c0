/** BullMQ with 200 jobs in hand, of which a semaphore in the process lets ten call: the queue's answers are never waited for. */

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
  const slots = makeSlots(10);
  const worker = new Worker(
    'pass',
    async ({ data }) => {
      await slots.enter();
      const command = await create(data).finally(slots.leave);
      // Acknowledged before the result is home: a crash in between loses it.
      void writeBack(command);
    },
    { connection, concurrency: 200 },
  );
  worker.on('error', fail);
}

function makeSlots(free) {
  const waiting = [];
  return {
    async enter() {
      if (free > 0) free -= 1;
      else await new Promise((resolve) => waiting.push(resolve));
    },
    /** Hands the slot on. */
    leave() {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}
