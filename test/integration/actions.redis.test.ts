/** The calls that each action sends to Passmachine, and the customers it skips. */

import { describe, expect, it } from 'vitest';
import { startBridge } from '../support/bridge.ts';
import { customersWithCards, goodCustomers } from '../support/customers.ts';
import { nextSecond } from '../support/eventually.ts';

/** Issues a card to each customer. `csv` is the export with the card ids. */
async function openWithCards(count: number) {
  const bridge = await startBridge();
  await bridge.issue(goodCustomers(count));
  const cards = () =>
    new Map([...bridge.sandbox.passes.all()].map(({ customer = '', id }) => [customer, id] as const));
  return { ...bridge, cards, csv: customersWithCards(cards()) };
}

describe('update', () => {
  it('sends current data to every card, and skips customers without a card', async () => {
    const { run, sandbox, csv } = await openWithCards(5);
    const campaign = await run('update', `${csv}c-6,A,B,c-6@example.com,6,\n`);
    expect(campaign).toMatchObject({ rows: 6, done: 5, skipped: 1, skippedFor: { 'no-card': 1 } });
    expect(sandbox.passes.size).toBe(5);
    const [card] = sandbox.passes.of('c-1');
    expect(card?.history).toHaveLength(2);
    expect(JSON.parse(card?.body ?? '')).toMatchObject({
      templateVariables: { kpFirstName: expect.stringContaining('Žofie') },
    });
  });
});

describe('notify', () => {
  it('sends the two operations of the guide, with the text', async () => {
    const { run, sandbox, csv } = await openWithCards(3);
    const campaign = await run('notify', csv, { options: { text: 'Přijďte „dnes“!' } });
    expect(campaign).toMatchObject({ rows: 3, done: 3 });
    const [card] = sandbox.passes.of('c-2');
    expect(JSON.parse(card?.history[1] ?? '')).toEqual([
      { op: 'replace', path: '/templateVariables/fieldValue', value: 'Přijďte „dnes“!' },
      {
        op: 'replace',
        path: '/templateVariables/changeMessage',
        value: expect.stringMatching(/\d{2}:\d{2}:\d{2}/),
      },
    ]);
  });
});

describe('reissue', () => {
  it('replaces each card by a new one, writes it back, and skips customers without a card', async () => {
    const { run, sandbox, cards, csv } = await openWithCards(4);
    const before = cards();
    // Bloomreach compares update times in whole seconds, so the new cards must be made in a later one.
    await nextSecond();
    const campaign = await run('reissue', `${csv}c-9,A,B,c-9@example.com,9,\n`);
    expect(campaign).toMatchObject({ rows: 5, done: 4, writtenBack: 4, skippedFor: { 'no-card': 1 } });
    expect(sandbox.passes.size).toBe(8);
    const saved = sandbox.customers.properties('registered:c-1')?.['passmachine_pass_id'];
    expect(saved).toBe(cards().get('c-1'));
    expect(saved).not.toBe(before.get('c-1'));
  });
});

describe('the use-by time', () => {
  it('skips notifications that would arrive later', async () => {
    const { run, sandbox, csv } = await openWithCards(3);
    sandbox.faults.add({ target: 'patch', fault: 500 });
    const options = { text: 'Jen dnes', useBy: Date.now() + 500 };
    const campaign = await run('notify', csv, { options });
    expect(campaign).toMatchObject({ done: 0, skipped: 3, skippedFor: { 'too-late': 3 } });
  });
});
