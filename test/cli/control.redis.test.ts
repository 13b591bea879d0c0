/** Safeguards, resume and preview on the command line. */

import { describe, expect, it } from 'vitest';
import { campaignIdIn, makeWorkspace } from '../support/cli.ts';
import { customersWithCards, goodCustomers } from '../support/customers.ts';

describe('a canary', () => {
  it('ends the command with the next step, and resume finishes the campaign', async () => {
    const { run, write, sandbox } = await makeWorkspace();
    await write('export.csv', goodCustomers(20));
    const held = await run(['issue', 'loyalty', 'export.csv', '--canary', '5']);
    const id = campaignIdIn(held.stdout);
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

describe('a preview', () => {
  it('estimates the duration, and warns about a text that was sent before', async () => {
    const { run, write, sandbox } = await makeWorkspace();
    await write('export.csv', goodCustomers(3));
    await run(['issue', 'loyalty', 'export.csv']);
    const cards = new Map([...sandbox.passes.all()].map(({ customer = '', id }) => [customer, id]));
    await write('cards.csv', customersWithCards(cards));
    await run(['notify', 'loyalty', 'cards.csv', '--text', 'Přijďte']);
    const preview = await run(['notify', 'loyalty', 'cards.csv', '--text', 'Přijďte', '--dry-run']);
    expect(preview.stdout).toMatch(
      /3 {2}would be sent\n +3 of them with the same text as the last notification/,
    );
    expect(preview.stdout).toMatch(/At most 10 calls at once: \d+ s/);
    const other = await run(['notify', 'loyalty', 'cards.csv', '--text', 'Jiný', '--dry-run']);
    expect(other.stdout).not.toContain('last notification');
  });
});

describe('flags with invalid values', () => {
  it.each([
    ['issue', '--pause-at', '120%', '--pause-at must be a percentage such as 5%'],
    ['issue', '--canary', '0', '--canary must be a whole number of at least 1'],
    ['issue', '--quiet-hours', '21-8', '--quiet-hours must be two times of day such as 21:00-08:00'],
    ['issue', '--time-zone', 'Praha', '--time-zone must be a time zone such as Europe/Prague'],
    ['issue', '--continue-at', '5%', '--continue-at does nothing without --canary'],
    ['issue', '--max-notifications-per-day', '3', 'applies to notify only, not to issue'],
    ['notify', '--changed-only', '', '--changed-only applies to issue, reissue, update only, not to notify'],
  ])('%s %s %s is refused', async (action, flag, value, message) => {
    const { run } = await makeWorkspace();
    const { code, stderr } = await run([
      action,
      'loyalty',
      'export.csv',
      flag,
      ...(value === '' ? [] : [value]),
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
