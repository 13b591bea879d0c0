/** Campaigns and schedules whose source is a folder or a Bloomreach segment. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

async function openService(source: string) {
  const workspace = await makeWorkspace({ latencyMs: 1 });
  const programs = await readFile(resolve('examples/programs.yaml'), 'utf8');
  await workspace.write('programs.yaml', `${programs}\nsources:\n  nightly: ${source}\n`);
  await mkdir(join(workspace.folder, 'exports'));
  const run = (...args: string[]) => workspace.run(args, { PROGRAMS_FILE: './programs.yaml' });
  const put = (name: string, text: string) => writeFile(join(workspace.folder, 'exports', name), text);
  return { ...workspace, run, put };
}

it('takes the newest file of a source once, and reports if there is no new one', async () => {
  const { run, put, sandbox } = await openService(`{ folder: exports, file: 'gold-*.csv', settle: 0 }`);
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
  const { run } = await openService(`{ folder: elsewhere, file: 'gold-*.csv' }`);
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
  const { run, sandbox } = await openService(
    '{ bloomreach: { segmentation: sandbox-segmentation, segment: 1 } }',
  );
  const issued = await run('issue', 'loyalty', '@nightly');
  expect(issued.code, issued.stdout + issued.stderr).toBeLessThan(2);
  expect(sandbox.passes.size).toBeGreaterThan(0);
  expect(sandbox.witness.count('export')).toBe(1);
});

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

  it('takes a new file once if the process that fetches it is killed', async () => {
    const workspace = await openService(`{ folder: exports, file: 'gold-*.csv', settle: 8 }${everyMinute}`);
    const { put, run, sandbox, start } = workspace;
    await put('gold-1.csv', goodCustomers(40));
    const up = () => start(['up'], { PROGRAMS_FILE: './programs.yaml' });
    const first = up();
    await printed(first, /up at/);
    const requested = run('schedules', 'run', 'new-exports');
    // The run waits for some seconds, until the file no longer grows.
    await eventually(async () => {
      const { stdout } = await run('schedules', 'list', '--json');
      const { schedules } = JSON.parse(stdout) as { schedules: [{ waiting: unknown[] }] };
      expect(schedules[0].waiting).toHaveLength(1);
    });
    first.child.kill('SIGKILL');
    up();
    expect((await requested).code).toBe(0);
    await eventually(() => expect(sandbox.passes.size).toBe(40));
    const again = await run('schedules', 'run', 'new-exports');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain(
      'gold-1.csv, the newest file that matches gold-*.csv, was taken by new-exports-',
    );
    expect(sandbox.witness.doubles()).toEqual([]);
  });

  it('reports a missing folder with its code, also in status', async () => {
    const { run } = await openService(`{ folder: elsewhere, file: 'gold-*.csv' }${everyMinute}`);
    const requested = await run('schedules', 'run', 'new-exports');
    expect(requested.code).toBe(2);
    expect(requested.stderr).toContain('new-exports was not started. @nightly: STORE_NOT_FOUND: ');
    const status = await run('status');
    expect(status.stdout).toContain(
      'Schedule new-exports did not start its last run: @nightly: STORE_NOT_FOUND',
    );
  });
});
