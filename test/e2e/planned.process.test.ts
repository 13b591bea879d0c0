/** A planned campaign on the command line, and over a restart of the process that starts it. */

import { expect, it } from 'vitest';
import { campaignIdIn, makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

it('is planned, rescheduled, and started by a process that began to run after it was planned', async () => {
  const { run, start, write, sandbox } = await makeWorkspace();
  await write('export.csv', goodCustomers(20));
  const planned = await run(['issue', 'loyalty', 'export.csv', '--start-at', '2090-12-24T16:00']);
  const id = campaignIdIn(planned.stdout);
  expect([planned.code, planned.stdout]).toEqual([
    0,
    expect.stringMatching(
      /: planned for 2090-12-24T15:00:00\.000Z\n +To change the time: passbridge reschedule .+\n[\s\S]+pending +20\n[\s\S]+No feeder is running/,
    ),
  ]);
  const past = await run(['reschedule', id, '2020-01-01T00:00Z']);
  expect([past.code, past.stderr]).toEqual([
    2,
    expect.stringContaining('2020-01-01T00:00:00.000Z has passed'),
  ]);
  const soon = new Date(Date.now() + 10_000).toISOString();
  expect((await run(['reschedule', id, soon])).stdout).toContain(`planned for ${soon}`);

  await printed(start(['up']), /http/);
  await eventually(() => expect(sandbox.passes.size).toBe(20), 60_000);
  const creates = sandbox.witness.entries().filter(({ kind }) => kind === 'create');
  expect(Math.min(...creates.map(({ at }) => at))).toBeGreaterThanOrEqual(Date.parse(soon));
  expect((await run(['status', id])).stdout).toMatch(/: finished[\s\S]+done +20/);
});
