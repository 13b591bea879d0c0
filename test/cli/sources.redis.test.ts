/** Campaigns and schedules whose source is a folder or a Bloomreach segment. */

import { expect, it } from 'vitest';
import { goodCustomers } from '../support/customers.ts';
import { everyMinute, openSourceFolder } from '../support/source-folder.ts';

it('takes the newest file of a source once, and reports if there is no new one', async () => {
  const { run, put, sandbox } = await openSourceFolder(`{ folder: exports, file: 'gold-*.csv', settle: 0 }`);
  await put('gold-1.csv', goodCustomers(3));
  const dryRun = await run('issue', 'loyalty', '@nightly', '--dry-run');
  expect([dryRun.code, sandbox.passes.size]).toEqual([0, 0]);
  const first = await run('issue', 'loyalty', '@nightly');
  expect([first.code, sandbox.passes.size]).toEqual([0, 3]);

  const [, campaign = ''] = /(loyalty-issue-\S+): finished/.exec(first.stdout) ?? [];
  const second = await run('issue', 'loyalty', '@nightly');
  expect(second.code).toBe(0);
  expect(second.stdout).toContain(
    `gold-1.csv, the newest file that matches gold-*.csv, was taken by ${campaign}`,
  );

  await put('gold-2.csv', goodCustomers(5));
  const third = await run('issue', 'loyalty', '@nightly');
  expect(third.stdout).toContain('5');
  expect(sandbox.passes.size).toBe(5);
  const again = await run('issue', 'loyalty', '@nightly', '--again');
  expect(again.code).toBe(0);
  expect(again.stdout).toMatch(/skipped +5 /);
});

it('refuses an unknown source and a missing folder', async () => {
  const { run } = await openSourceFolder(`{ folder: elsewhere, file: 'gold-*.csv' }`);
  const unknown = await run('issue', 'loyalty', '@weekly');
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    'There is no source @weekly. The programs file has: @nightly.\n',
  ]);
  const missing = await run('issue', 'loyalty', '@nightly');
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('@nightly: STORE_NOT_FOUND: ');
  expect(missing.stderr).toContain('elsewhere: the folder or bucket does not exist');
});

it('issues cards to a segment that Bloomreach exports', async () => {
  const { run, sandbox } = await openSourceFolder(
    '{ bloomreach: { segmentation: sandbox-segmentation, segment: 1 } }',
  );
  const issued = await run('issue', 'loyalty', '@nightly');
  expect(issued.code, issued.stdout + issued.stderr).toBeLessThan(2);
  expect(sandbox.passes.size).toBeGreaterThan(0);
  expect(sandbox.witness.count('export')).toBe(1);
});

it('a schedule reports a missing folder with its code, also in status', async () => {
  const { run } = await openSourceFolder(`{ folder: elsewhere, file: 'gold-*.csv' }${everyMinute}`);
  const requested = await run('schedules', 'run', 'new-exports');
  expect(requested.code).toBe(2);
  expect(requested.stderr).toContain('new-exports was not started. @nightly: STORE_NOT_FOUND: ');
  const status = await run('status');
  expect(status.stdout).toContain(
    'Schedule new-exports did not start its last run: @nightly: STORE_NOT_FOUND',
  );
});
