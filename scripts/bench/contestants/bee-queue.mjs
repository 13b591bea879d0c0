/** bee-queue with concurrency 10 and what its documentation says makes it fast: no events, no stored jobs. */

import Queue from 'bee-queue';
import { customerOf } from '../customers.mjs';
import { makeCreate, makeWriteBack, postByUndici } from '../work.mjs';
import { fail, inChunks, take } from './order.mjs';

const { part, url, jobs, broker } = take();
const queue = new Queue('pass', {
  redis: { path: broker.socket },
  isWorker: part === 'work',
  getEvents: false,
  sendEvents: false,
  storeJobs: false,
  removeOnSuccess: true,
});

if (part === 'enqueue') {
  await queue.ready();
  await inChunks(jobs, customerOf, async (rows) => {
    const refused = await queue.saveAll(rows.map((row) => queue.createJob(row)));
    if (refused.size > 0) throw new Error(`${refused.size} jobs were not saved`);
  });
  await queue.close();
} else {
  const post = postByUndici(url);
  const create = makeCreate(post);
  const writeBack = makeWriteBack(post);
  queue.on('error', fail);
  queue.process(10, async ({ data }) => {
    // Acknowledged before the result is home: a crash in between loses it.
    void writeBack(await create(data));
  });
}
