/** A campaign from the command line: guarded, held, resumed, looked at beforehand. */

import { describe, expect, it } from 'vitest';
import { makeDashboardService, printed } from '../support/cli.ts';
import { customersWithCards, goodCustomers } from '../support/customers.ts';

const idIn = (stdout: string) => /(\S+): (?:finished|held|paused|started)/.exec(stdout)?.[1] ?? 'no campaign';

describe('a canary', () => {
  it('ends the command with the way to go on, and resume finishes it', async () => {
    const { run, write, sandbox } = await makeDashboardService();
    await write('export.csv', goodCustomers(20));
    const held = await run(['issue', 'loyalty', 'export.csv', '--canary', '5']);
    const id = idIn(held.stdout);
    expect(held.code).toBe(1);
    expect(held.stdout).toMatch(/held by passbridge[\s\S]+5 done, 0 rejected[\s\S]+passbridge resume/);
    const { campaigns } = JSON.parse((await run(['status', id, '--json'])).stdout) as {
      campaigns: unknown[];
    };
    expect(campaigns).toEqual([expect.objectContaining({ status: 'held', rows: 20, done: 5, pending: 15 })]);

    const resumed = await run(['resume', id]);
    expect([resumed.code, resumed.stdout]).toEqual([0, expect.stringMatching(/finished[\s\S]+done +20/)]);
    expect(sandbox.passes.size).toBe(20);
    expect(await run(['pause', id])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has finished'),
    });
    expect(await run(['stop', 'nope'])).toMatchObject({ code: 2 });
  });
});

describe('pause from another terminal', () => {
  it('ends the run there, shows who and why, and stop counts the rest', async () => {
    const { run, start, write } = await makeDashboardService({ latencyMs: 100 });
    await write('export.csv', goodCustomers(300));
    const running = start(['issue', 'loyalty', 'export.csv', '--detach']);
    const id = idIn((await running.ended).stdout);
    const up = start(['up']);
    await printed(up, /http/);
    const paused = await run(['pause', id, '--reason', 'a wrong price']);
    expect(paused).toMatchObject({ code: 0, stdout: expect.stringMatching(/paused by .+\n +a wrong price/) });
    const stopped = await run(['stop', id]);
    expect(stopped.stdout).toMatch(/: stopped by .+[\s\S]+go on with them: passbridge resume/);
    const resumed = await run(['resume', id]);
    // Somebody else works the queue, so the command need not stay.
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining(': running') });
  });
});

describe('a look beforehand', () => {
  it('tells the time it will take, and that a text was sent before', async () => {
    const { run, write, sandbox } = await makeDashboardService();
    await write('export.csv', goodCustomers(3));
    await run(['issue', 'loyalty', 'export.csv']);
    const cards = new Map([...sandbox.passes.all()].map(({ customer = '', id }) => [customer, id]));
    await write('cards.csv', customersWithCards(cards));
    await run(['notify', 'loyalty', 'cards.csv', '--text', 'Přijďte']);
    const look = await run(['notify', 'loyalty', 'cards.csv', '--text', 'Přijďte', '--dry-run']);
    expect(look.stdout).toMatch(/3 {2}would be sent\n +3 of them with the text that this program sent last/);
    expect(look.stdout).toMatch(/At most 10 calls at once: \d+ s/);
    const other = await run(['notify', 'loyalty', 'cards.csv', '--text', 'Jiný', '--dry-run']);
    expect(other.stdout).not.toContain('sent last');
  });
});

describe('flags that make no sense', () => {
  it.each([
    ['issue', '--pause-at', '120%', 'not a percentage'],
    ['issue', '--canary', '0', 'at least 1'],
    ['issue', '--quiet-hours', '21-8', 'not two times of day such as 21:00-08:00'],
    ['issue', '--time-zone', 'Praha', 'not a time zone such as Europe/Prague'],
    ['issue', '--max-notifications-per-day', '3', "unknown option '--max-notifications-per-day'"],
    ['notify', '--changed-only', '', "unknown option '--changed-only'"],
  ])('%s %s %s is refused', async (action, flag, value, message) => {
    const { run } = await makeDashboardService();
    const { code, stderr } = await run([action, 'loyalty', 'export.csv', flag, value]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
