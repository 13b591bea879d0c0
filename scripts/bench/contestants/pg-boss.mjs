/** pg-boss by fetch and complete, 500 jobs at once, of which ten loops make ten calls at a time. */

import { setTimeout as sleep } from 'node:timers/promises';
import PgBoss from 'pg-boss';
import { customerOf } from '../customers.mjs';
import { makeCreate, makeWriteBack, postByUndici } from '../work.mjs';
import { fail, inChunks, take } from './order.mjs';

const { part, url, jobs, broker } = take();
const boss = new PgBoss({ ...broker, supervise: false, schedule: false });
boss.on('error', fail);
await boss.start();

if (part === 'enqueue') {
  await boss.createQueue('pass');
  await inChunks(jobs, customerOf, (rows) => boss.insert(rows.map((data) => ({ name: 'pass', data }))));
  await boss.stop({ graceful: false });
} else {
  const post = postByUndici(url);
  const create = makeCreate(post);
  const writeBack = makeWriteBack(post);
  const work = async (batch) => {
    const left = batch.values();
    const loop = async () => {
      for (const { data } of left) void writeBack(await create(data));
    };
    await Promise.all(Array.from({ length: 10 }, loop));
  };
  for (;;) {
    const batch = await boss.fetch('pass', { batchSize: 500 });
    await work(batch);
    if (batch.length === 0) await sleep(500);
    // Acknowledged before the last results are home: a crash in between loses them.
    else
      await boss.complete(
        'pass',
        batch.map(({ id }) => id),
      );
  }
}
