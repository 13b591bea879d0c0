/** Schedules in background processes that are killed. */

import { describe, expect, it } from 'vitest';
import { printed } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { openScheduleFolder } from '../support/schedule-folder.ts';

const HOUR = 3_600_000;

describe('in the background', () => {
  it('three processes ask once after a downtime, and start one run when an operator requests it', async () => {
    // Half an hour from now, so that none is due while the test runs.
    const minute = (new Date().getUTCMinutes() + 30) % 60;
    const { up, backdate, campaigns, listed, schedules, sandbox } = await openScheduleFolder(
      `${minute} * * * *`,
      '    missed: ask\n',
    );
    // The first process only stores the timing.
    const first = up();
    await printed(first, /http/);
    first.child.kill('SIGKILL');
    await first.ended;
    await backdate(5 * HOUR);

    const [killed, ...others] = [up(), up(), up()];
    await Promise.all([killed, ...others].map((running) => printed(running, /http/)));
    await eventually(async () => expect((await listed()).undecided).toMatchObject({ count: 5 }));
    expect((await schedules('list')).stdout).toMatch(
      /5 runs missed \(.+ to .+\)\. To run once now: passbridge schedules run nightly\./,
    );
    killed.child.kill('SIGKILL');
    expect(await schedules('run', 'nightly')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: started/) as string,
    });
    await eventually(async () => expect(await campaigns()).toMatchObject([{ status: 'finished', done: 5 }]));
    expect((await listed()).undecided).toBeNull();
    expect(sandbox.witness.doubles()).toEqual([]);
  });
});
