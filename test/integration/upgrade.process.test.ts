/** Rolling upgrades: workers of two versions on one queue. */

import { Worker } from 'bullmq';
import { expect, it, onTestFinished } from 'vitest';
import { openStores } from '../../src/services/stores.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { PassJob } from '../../src/domain/jobs/pass-job.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { BATCH_JOB_VERSION } from '../../src/queue/batch-job.ts';
import { queueNames } from '../../src/queue/names.ts';
import { makeWorkspace, printed, type Running } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { makeJob, queued } from '../support/make.ts';
import { buildPrevious, previousCommit } from '../support/previous-version.ts';
import { annotateReport, readWitnessReport } from '../support/witness-report.ts';

it('leaves a job of a newer version unchanged for a worker that knows it', async () => {
  const { start, env, folder, sandbox } = await makeWorkspace();
  const older = start(['up', '--role', 'worker']);
  await printed(older, /up as worker/);
  const stores = await openStores(loadConfig({ env, cwd: folder }), { env: process.env, say: () => {} });
  onTestFinished(() => stores.close());
  const { passQueue, jobs, redis, prefix } = stores;

  const newer = { ...makeJob(1), v: BATCH_JOB_VERSION + 1, shape: 'unheard of' } as unknown as PassJob;
  const attributes = { first_name: 'Žofie', last_name: 'Nováková', email: 'z@example.com', id: '000002' };
  const known = makeJob(2, { customer: { ids: { registered: 'c-2' }, attributes } });
  for (const job of [newer, known]) await passQueue.add([job], 'campaign');
  // The older worker sends the job it knows, and requeues the other repeatedly.
  await eventually(() => expect(sandbox.passes.size).toBe(1));
  const requeues = () => older.stderr().split('JOB_VERSION_UNKNOWN').length - 1;
  await eventually(() => expect(requeues()).toBeGreaterThanOrEqual(2));
  await eventually(async () =>
    expect(await passQueue.depth()).toEqual({ waiting: 0, delayed: 1, active: 0 }),
  );
  expect(await jobs.claimStage(queued(newer))).toBeUndefined();
  expect(await redis.hgetall(makeLedgerKeys(prefix).campaign('run'))).toMatchObject({ done: '1' });

  const taken: { data: unknown; attempts: number }[] = [];
  const upgraded = new Worker(
    queueNames.pass,
    async ({ data, attemptsMade }) => void taken.push({ data, attempts: attemptsMade }),
    { connection: redis, prefix },
  );
  onTestFinished(() => upgraded.close());
  older.child.kill('SIGTERM');
  expect((await older.ended).code).toBe(0);
  // The requeues used no attempt.
  await eventually(() => expect(taken).toEqual([{ data: newer, attempts: 0 }]));
  expect(sandbox.passes.size).toBe(1);
});

/** Counts the cards that a worker made, by its log. */
const cardsMadeBy = ({ stderr }: Running) =>
  stderr()
    .split('\n')
    .filter((line) => line.includes('"msg":"job"') && line.includes('"outcome":"done"')).length;

async function stop({ child, ended }: Running): Promise<void> {
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
}

/** More than the queue's window (1,000), so that both feeders add rows. */
const ROWS = 1600;

it.skipIf(previousCommit === undefined)(
  `replaces workers and feeders of the previous commit (${previousCommit ?? 'not available'}) one by one`,
  async (context) => {
    const { start, run, write, sandbox } = await makeWorkspace({ latencyMs: 50 });
    const previous = buildPrevious(previousCommit!);
    await write('export.csv', goodCustomers(ROWS));
    const up = async (role: string, program?: string) => {
      // Each job is a line at this level.
      const process = start(['up', '--role', role], { LOG_LEVEL: 'debug' }, program);
      await printed(process, new RegExp(`up as ${role}`));
      return process;
    };
    const made = (cards: number) =>
      eventually(() => expect(sandbox.passes.size).toBeGreaterThanOrEqual(cards));

    const [oldWorker, oldFeeder] = await Promise.all([up('worker', previous), up('feeder', previous)]);
    await start(['issue', 'loyalty', 'export.csv', '--detach', '--yes'], {}, previous).ended;
    await made(50);
    // Both workers take jobs, first those of the old feeder, then those of the new one.
    const newWorker = await up('worker');
    await stop(oldFeeder);
    await up('feeder');
    await made(1200);
    await stop(oldWorker);
    expect(sandbox.passes.size).toBeLessThan(ROWS);

    const report = await readWitnessReport({ sandbox, rows: ROWS, run });
    const shares = [cardsMadeBy(oldWorker), cardsMadeBy(newWorker)];
    await annotateReport(
      context,
      'Rolling upgrade',
      report,
      `, ${shares.join(' made by the old worker, ')} by the new one`,
    );
    expect(report).toMatchObject({ done: ROWS, unknown: 0, lost: [], duplicated: [], maxInFlight: 10 });
    expect(shares[0]! + shares[1]!).toBe(ROWS);
    expect(Math.min(...shares)).toBeGreaterThan(ROWS / 10);
  },
);
