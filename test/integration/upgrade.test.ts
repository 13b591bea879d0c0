/** A rolling upgrade: workers of two versions at one queue. */

import { Worker } from 'bullmq';
import { expect, it, onTestFinished } from 'vitest';
import { openStores } from '../../src/services/stores.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { PassJob } from '../../src/domain/jobs/pass-job.ts';
import { ENTRY_VERSION } from '../../src/queue/batch-job.ts';
import { queueNames } from '../../src/queue/names.ts';
import { makeDashboardService, printed, type Running } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { makeJob, queued } from '../support/make.ts';
import { buildPrevious, previousCommit } from '../support/previous-version.ts';
import { tell, verdictOf } from '../support/verdict.ts';

it('a job of a newer version waits, untouched, for a worker that knows it', async () => {
  const { start, env, folder, sandbox } = await makeDashboardService();
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

/** Cards that a worker made, by its log. */
const madeBy = ({ stderr }: Running) => stderr().split('"outcome":"done"').length - 1;

async function leave({ child, ended }: Running): Promise<void> {
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
}

/** More than the queue holds at once (1,000), so that both feeders put rows into it. */
const ROWS = 1600;

it.skipIf(previousCommit === undefined)(
  `workers and feeders of the previous commit (${previousCommit ?? 'none to be built here'}) give way to new ones one by one`,
  async (context) => {
    const { start, run, write, sandbox } = await makeDashboardService({ latencyMs: 50 });
    const previous = buildPrevious(previousCommit!);
    await write('export.csv', goodCustomers(ROWS));
    const up = async (role: string, program?: string) => {
      const process = start(['up', '--role', role], {}, program);
      await printed(process, new RegExp(`up as ${role}`));
      return process;
    };
    const made = (cards: number) =>
      eventually(() => expect(sandbox.passes.size).toBeGreaterThanOrEqual(cards), 60_000);

    const [oldWorker, oldFeeder] = await Promise.all([up('worker', previous), up('feeder', previous)]);
    await start(['issue', 'loyalty', 'export.csv', '--detach', '--yes'], {}, previous).ended;
    await made(50);
    // Beside each other, on what the old feeder queued, and then on what the new one does.
    const newWorker = await up('worker');
    await leave(oldFeeder);
    await up('feeder');
    await made(1200);
    await leave(oldWorker);
    expect(sandbox.passes.size).toBeLessThan(ROWS);

    const verdict = await verdictOf({ sandbox, rows: ROWS, run });
    const shares = [madeBy(oldWorker), madeBy(newWorker)];
    await tell(
      context,
      'Rolling upgrade',
      verdict,
      `, ${shares.join(' made by the old worker, ')} by the new one`,
    );
    expect(verdict).toMatchObject({ done: ROWS, unknown: 0, lost: [], doubled: [], maxInFlight: 10 });
    expect(shares[0]! + shares[1]!).toBe(ROWS);
    expect(Math.min(...shares)).toBeGreaterThan(ROWS / 10);
  },
  120_000,
);
