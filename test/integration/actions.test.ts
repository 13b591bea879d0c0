/** What each action asks of Passmachine, and of whom. */

import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startBridge } from '../support/bridge.ts';
import { customersWithCards, goodCustomers } from '../support/customers.ts';

/** Customers who have a card each, and the export that says so. */
async function withCards(count: number) {
  const bridge = await startBridge();
  await bridge.issue(goodCustomers(count));
  const cards = () =>
    new Map([...bridge.sandbox.passes.all()].map(({ customer = '', id }) => [customer, id] as const));
  return { ...bridge, cards, csv: customersWithCards(cards()) };
}

describe('update', () => {
  it('fills every card with the data of now, and skips who has none', async () => {
    const { run, sandbox, csv } = await withCards(5);
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
  it('sends the guide’s two operations with the text', async () => {
    const { run, sandbox, csv } = await withCards(3);
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
  it('makes one new card in place of each, writes it back, and skips who has none', async () => {
    const { run, sandbox, cards, csv } = await withCards(4);
    const before = cards();
    // Bloomreach keeps the newer value by whole seconds.
    await pause(1000);
    const campaign = await run('reissue', `${csv}c-9,A,B,c-9@example.com,9,\n`);
    expect(campaign).toMatchObject({ rows: 5, done: 4, saved: 4, skippedFor: { 'no-card': 1 } });
    expect(sandbox.passes.size).toBe(8);
    const saved = sandbox.customers.properties('registered:c-1')?.['passmachine_pass_id'];
    expect(saved).toBe(cards().get('c-1'));
    expect(saved).not.toBe(before.get('c-1'));
  });
});

describe('use by', () => {
  it('skips what would land later', async () => {
    const { run, sandbox, csv } = await withCards(3);
    sandbox.faults.add({ target: 'patch', fault: 500 });
    const options = { text: 'Jen dnes', useBy: Date.now() + 500 };
    const campaign = await run('notify', csv, { options });
    expect(campaign).toMatchObject({ done: 0, skipped: 3, skippedFor: { 'too-late': 3 } });
  });
});
