/** A rolling upgrade: workers of two versions at one queue. */

import { Worker } from 'bullmq';
import { expect, it, onTestFinished } from 'vitest';
import { openStores } from '../../src/app/stores.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { PassJob } from '../../src/job/pass-job.ts';
import { ENTRY_VERSION } from '../../src/queue/entry.ts';
import { queueNames } from '../../src/queue/names.ts';
import { makeDesk, printed } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { makeJob, queued } from '../support/make.ts';

it('a job of a newer version waits, untouched, for a worker that knows it', async () => {
  const { start, env, folder, sandbox } = await makeDesk();
  const older = start(['up', '--role', 'worker']);
  await printed(older, /up as worker/);
  const stores = await openStores(loadConfig({ env, cwd: folder }), { env: process.env, say: () => {} });
  onTestFinished(() => stores.close());
  const { passQueue, jobs, redis, prefix } = stores;

  const newer = { ...makeJob(1), v: ENTRY_VERSION + 1, shape: 'unheard of' } as unknown as PassJob;
  const attributes = { first_name: 'Žofie', last_name: 'Nováková', email: 'z@example.com', id: '000002' };
  const known = makeJob(2, { customer: { ids: { registered: 'c-2' }, attributes } });
  for (const job of [newer, known]) await passQueue.add([job], 'campaign');
  // It does the one it knows, and hands the other back, again and again.
  await eventually(() => expect(sandbox.passes.size).toBe(1));
  const handedBack = () => older.stderr().split('JOB_VERSION_UNKNOWN').length - 1;
  await eventually(() => expect(handedBack()).toBeGreaterThanOrEqual(2), 20_000);
  await eventually(async () =>
    expect(await passQueue.depth()).toEqual({ waiting: 0, delayed: 1, active: 0 }),
  );
  expect(await jobs.isOut(queued(newer))).toBe(false);
  expect(await redis.hgetall(`${prefix}:campaign:run`)).toMatchObject({ done: '1' });

  const taken: { data: unknown; attempts: number }[] = [];
  const upgraded = new Worker(
    queueNames.pass,
    async ({ data, attemptsMade }) => void taken.push({ data, attempts: attemptsMade }),
    { connection: redis, prefix },
  );
  onTestFinished(() => upgraded.close());
  older.child.kill('SIGTERM');
  expect((await older.ended).code).toBe(0);
  // None of it has cost an attempt.
  await eventually(() => expect(taken).toEqual([{ data: newer, attempts: 0 }]), 20_000);
  expect(sandbox.passes.size).toBe(1);
}, 60_000);
