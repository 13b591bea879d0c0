/** Pause, stop and resume while another process works the queue. */

import { describe, expect, it } from 'vitest';
import { campaignIdIn, makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

describe('pause from another terminal', () => {
  it('shows who paused the campaign and why, and stop counts the unsent rows', async () => {
    // Slow enough that the campaign still runs when the commands have started.
    const { run, start, write } = await makeWorkspace({ latencyMs: 2000 });
    await write('export.csv', goodCustomers(300));
    const running = start(['issue', 'loyalty', 'export.csv', '--detach']);
    const id = campaignIdIn((await running.ended).stdout);
    const up = start(['up']);
    await printed(up, /http/);
    const paused = await run(['pause', id, '--reason', 'a wrong price']);
    expect(paused).toMatchObject({ code: 0, stdout: expect.stringMatching(/paused by .+\n +a wrong price/) });
    const stopped = await run(['stop', id]);
    expect(stopped.stdout).toMatch(/: stopped by .+\n +To send the unsent rows: passbridge resume/);
    // Rows that are in the queue count as pending until a feeder has taken them out.
    await eventually(async () =>
      expect((await run(['status', id])).stdout).toMatch(/stopped +[1-9]\d* +not sent/),
    );
    const resumed = await run(['resume', id]);
    // `up` works the queue, so the command exits.
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining(': running') });
  });
});
