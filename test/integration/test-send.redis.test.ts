/** Test sends: to named customers of an export, before its campaign. The witness of the sandbox is the judge. */

import { describe, expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';
import { customersWithCards, goodCustomers } from '../support/customers.ts';

/** Issues cards to customers c-1 to c-5 and writes the export of these, which has the column of a notification. */
async function openWithCards() {
  const workspace = await makeWorkspace();
  const { run, write, sandbox } = workspace;
  await write('export.csv', goodCustomers(5));
  await run(['issue', 'loyalty', 'export.csv']);
  const cards = new Map([...sandbox.passes.all()].map(({ customer = '', id }) => [customer, id]));
  await write('cards.csv', customersWithCards(cards));
  /** Returns the customers that were notified, once for each call. */
  const notified = () =>
    sandbox.witness
      .entries()
      .flatMap(({ kind, passId }) => (kind === 'patch' ? [passId ?? ''] : []))
      .map((card) => [...cards].find(([, id]) => id === card)?.[0] ?? card)
      .toSorted();
  const notify = (...flags: string[]) => run(['notify', 'loyalty', 'cards.csv', '--text', 'Ahoj', ...flags]);
  return { ...workspace, cards, notified, notify };
}

describe('a test send', () => {
  it('reaches the named customers only, is marked in their timelines, and counts nothing in the campaign', async () => {
    const { run, cards, notified, notify } = await openWithCards();
    const test = await notify('--test-to', `c-2, ${cards.get('c-4')}`);
    expect(test.code).toBe(0);
    expect(test.stdout).toMatch(/loyalty-notify-test-\d{8}-\w{4}: finished/);
    expect(notified()).toEqual(['c-2', 'c-4']);
    const [, job = ''] = /notify +done .*\((\S+)\)/.exec((await run(['find', 'c-2'])).stdout) ?? [];
    expect(job).toContain('loyalty-notify-test-');

    const campaign = await notify();
    expect(campaign.stdout).toMatch(/done +5/);
    expect(notified()).toEqual(['c-1', 'c-2', 'c-2', 'c-3', 'c-4', 'c-4', 'c-5']);
  });

  it('counts for the notification limit, because the phone has shown it', async () => {
    const { notified, notify } = await openWithCards();
    await notify('--test-to', 'c-2', '--max-notifications-per-day', '1');
    const campaign = await notify('--max-notifications-per-day', '1');
    expect(campaign.stdout).toMatch(/done +4/);
    expect(campaign.stdout).toMatch(/skipped +1 +1 had reached the notification limit/);
    expect(notified()).toEqual(['c-1', 'c-2', 'c-3', 'c-4', 'c-5']);
  });

  it('ignores what chooses and times the customers of the campaign', async () => {
    const { notified, notify } = await openWithCards();
    const flags = [
      '--where',
      "{{ customer.last_name == 'X' }}",
      '--start-at',
      '2999-01-01',
      '--holdout',
      '99%',
    ];
    expect((await notify('--test-to', 'c-3', ...flags)).code).toBe(0);
    expect(notified()).toEqual(['c-3']);
  });

  it('names a customer once who is named twice', async () => {
    const { cards, notified, notify } = await openWithCards();
    await notify('--test-to', `c-1,c-1,${cards.get('c-1')}`);
    expect(notified()).toEqual(['c-1']);
  });

  it.each([
    [
      'an unknown id',
      ['--test-to', 'c-1,c-9'],
      /no row with the customer id or card id c-9\. Correct the id/,
    ],
    ['no id', ['--test-to', ' , '], /needs the customer id or the card id of at least one row/],
    [
      'too many ids',
      ['--test-to', Array.from({ length: 21 }, (_, n) => `c-${n}`).join(',')],
      /at most 20 customers, and 21 are named\. Name fewer/,
    ],
    ['a dry run', ['--test-to', 'c-1', '--dry-run'], /--dry-run sends nothing\. Omit one of them/],
    ['a use-by time in the past', ['--test-to', 'c-1', '--use-by', '2020-01-01'], /--use-by .* has passed/],
  ])('with %s is refused with the remedy, and nothing is sent', async (_, flags, message) => {
    const { notified, notify } = await openWithCards();
    const { code, stderr } = await notify(...flags);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(notified()).toEqual([]);
  });

  it('is refused for a customer who would be rejected in the campaign', async () => {
    const { run, write, sandbox } = await makeWorkspace();
    await write('export.csv', `${goodCustomers(1)}c-2,,Nováková,c-2@example.com,000002\n`);
    const { code, stderr } = await run(['issue', 'loyalty', 'export.csv', '--test-to', 'c-1,c-2']);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/1 customer would not be sent to: c-2: customer\.first_name is empty/),
    ]);
    expect(sandbox.passes.size).toBe(0);
  });
});
