/** pg-boss with fetch and complete, 500 jobs per batch, ten concurrent calls. */

import { setTimeout as sleep } from 'node:timers/promises';
import PgBoss from 'pg-boss';
import { customerOf } from '../customers.mjs';
import { makeCreate, makeWriteBack, postByUndici } from '../work.mjs';
import { fail, inChunks, readParameters } from './parameters.mjs';

const { part, url, jobs, broker } = readParameters();
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
    const remaining = batch.values();
    const loop = async () => {
      for (const { data } of remaining) void writeBack(await create(data));
    };
    await Promise.all(Array.from({ length: 10 }, loop));
  };
  for (;;) {
    const batch = await boss.fetch('pass', { batchSize: 500 });
    await work(batch);
    if (batch.length === 0) await sleep(500);
    // Acknowledged before the last write-backs: a crash in between loses their results.
    else
      await boss.complete(
        'pass',
        batch.map(({ id }) => id),
      );
  }
}
