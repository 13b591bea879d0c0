/** Exports that are fetched from where Bloomreach puts them. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeDashboardService, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

async function openService(source: string) {
  const service = await makeDashboardService({ latencyMs: 1 });
  const programs = await readFile(resolve('examples/programs.yaml'), 'utf8');
  await service.write('programs.yaml', `${programs}\nsources:\n  nightly: ${source}\n`);
  await mkdir(join(service.folder, 'exports'));
  const run = (...args: string[]) => service.run(args, { PROGRAMS_FILE: './programs.yaml' });
  const put = (name: string, text: string) => writeFile(join(service.folder, 'exports', name), text);
  return { ...service, run, put };
}

it('takes the newest file of a source once, and says so when there is nothing new', async () => {
  const { run, put, sandbox } = await openService(`{ folder: exports, file: 'gold-*.csv', settle: 0 }`);
  await put('gold-1.csv', goodCustomers(3));
  const rehearsal = await run('issue', 'loyalty', '@nightly', '--dry-run');
  expect([rehearsal.code, sandbox.passes.size]).toEqual([0, 0]);
  const first = await run('issue', 'loyalty', '@nightly');
  expect([first.code, sandbox.passes.size]).toEqual([0, 3]);

  const [, campaign = ''] = /(loyalty-issue-\S+): finished/.exec(first.stdout) ?? [];
  const second = await run('issue', 'loyalty', '@nightly');
  expect(second.code).toBe(0);
  expect(second.stdout).toContain(
    `gold-1.csv, the newest file that fits gold-*.csv, was taken by ${campaign}`,
  );

  await put('gold-2.csv', goodCustomers(5));
  const third = await run('issue', 'loyalty', '@nightly');
  expect(third.stdout).toContain('5');
  expect(sandbox.passes.size).toBe(5);
  const again = await run('issue', 'loyalty', '@nightly', '--again');
  expect(again.code).toBe(0);
  expect(again.stdout).toMatch(/skipped +5 /);
}, 60_000);

it('says what is wrong with a source', async () => {
  const { run } = await openService(`{ folder: elsewhere, file: 'gold-*.csv' }`);
  const unknown = await run('issue', 'loyalty', '@weekly');
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    'There is no source @weekly. The programs file has: @nightly.\n',
  ]);
  const missing = await run('issue', 'loyalty', '@nightly');
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('@nightly: STORE_NOT_FOUND: ');
  expect(missing.stderr).toContain('elsewhere: there is no such folder or bucket');
}, 30_000);

it('has Bloomreach export a segment, with no more attributes than the templates use', async () => {
  const { run, sandbox } = await openService(
    '{ bloomreach: { segmentation: sandbox-segmentation, segment: 1 } }',
  );
  const issued = await run('issue', 'loyalty', '@nightly');
  expect(issued.code, issued.stdout + issued.stderr).toBeLessThan(2);
  expect(sandbox.passes.size).toBeGreaterThan(0);
  expect(sandbox.witness.count('export')).toBe(1);
}, 60_000);

describe('a schedule with a source', () => {
  const everyMinute = `
schedules:
  new-exports:
    program: loyalty
    action: issue
    source: nightly
    cron: '* * * * *'
    startWithin: 30s
`;

  it('takes a new file once, although the process that fetches dies', async () => {
    const service = await openService(`{ folder: exports, file: 'gold-*.csv', settle: 8 }${everyMinute}`);
    const { put, run, sandbox, start } = service;
    await put('gold-1.csv', goodCustomers(40));
    const up = () => start(['up'], { PROGRAMS_FILE: './programs.yaml' });
    const first = up();
    await printed(first, /up at/);
    const asked = run('schedules', 'run', 'new-exports');
    // While it is looked at for some seconds whether the file still grows.
    await eventually(async () => {
      const { stdout } = await run('schedules', 'list', '--json');
      const { schedules } = JSON.parse(stdout) as { schedules: [{ waiting: unknown[] }] };
      expect(schedules[0].waiting).toHaveLength(1);
    });
    first.child.kill('SIGKILL');
    up();
    expect((await asked).code).toBe(0);
    await eventually(() => expect(sandbox.passes.size).toBe(40), 40_000);
    const again = await run('schedules', 'run', 'new-exports');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain(
      'gold-1.csv, the newest file that fits gold-*.csv, was taken by new-exports-',
    );
    expect(sandbox.witness.doubles()).toEqual([]);
  }, 90_000);

  it('that cannot be used is refused with its code, and status says so', async () => {
    const { run } = await openService(`{ folder: elsewhere, file: 'gold-*.csv' }${everyMinute}`);
    const asked = await run('schedules', 'run', 'new-exports');
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('new-exports was not started. @nightly: STORE_NOT_FOUND: ');
    const status = await run('status');
    expect(status.stdout).toContain(
      'Schedule new-exports did not start its last run: @nightly: STORE_NOT_FOUND',
    );
  }, 30_000);
});
