/** A schedule whose source is a folder, and whose process is killed. */

import { describe, expect, it } from 'vitest';
import { printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { openSourceFolder } from '../support/source-folder.ts';

/** Runs on request only, and may start late: on a busy machine another process takes over after half a minute. */
const onRequest = `
schedules:
  new-exports:
    program: loyalty
    action: issue
    source: nightly
    cron: '0 0 1 1 *'
    startWithin: 10m
`;

describe('a schedule with a source', () => {
  it('takes a new file once if the process that fetches it is killed', async () => {
    const { put, run, sandbox, start } = await openSourceFolder(
      `{ folder: exports, file: 'gold-*.csv', settle: 8 }${onRequest}`,
    );
    await put('gold-1.csv', goodCustomers(40));
    const up = () => start(['up']);
    const first = up();
    await printed(first, /up at/);
    const requested = start(['schedules', 'run', 'new-exports']).ended;
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
});
