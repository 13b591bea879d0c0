/** bee-queue with concurrency 10 and the settings its documentation recommends for speed: no events, no stored jobs. */

import Queue from 'bee-queue';
import { customerOf } from '../customers.mjs';
import { makeCreate, makeWriteBack, postByUndici } from '../work.mjs';
import { fail, inChunks, readParameters } from './parameters.mjs';

const { part, url, jobs, broker } = readParameters();
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
    const rejected = await queue.saveAll(rows.map((row) => queue.createJob(row)));
    if (rejected.size > 0) throw new Error(`${rejected.size} jobs were not saved`);
  });
  await queue.close();
} else {
  const post = postByUndici(url);
  const create = makeCreate(post);
  const writeBack = makeWriteBack(post);
  queue.on('error', fail);
  queue.process(10, async ({ data }) => {
    // Acknowledged before the write-back: a crash in between loses the result.
    void writeBack(await create(data));
  });
}
