/** Unknown creates end done without an operator once Passmachine's events about their cards arrive. */

import { describe, expect, it } from 'vitest';
import { request } from 'undici';
import { startBridge } from '../support/bridge.ts';
import { customersWithCards, goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

type BridgeOptions = NonNullable<Parameters<typeof startBridge>[0]>;

async function open(options: BridgeOptions = {}) {
  const bridge = await startBridge(options);
  const { url } = await bridge.passbridge.startWeb(
    { programs: bridge.programs, schedules: new Map() },
    () => new Map(),
  );
  const { sandbox } = bridge;
  const track = async (properties: object, ids: object = { registered: 'c-1' }) => {
    const project = `${url}/track/v2/projects/${sandbox.credentials.projectToken}`;
    const answer = await request(`${project}/customers/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ customer_ids: ids, event_type: 'passmachine', properties }),
    });
    return (await answer.body.json()) as { success: boolean; errors?: string[] };
  };
  const cardsOf = (customer: string) => sandbox.passes.of(customer).map(({ id }) => id);
  const storedCard = (customer: string) =>
    sandbox.customers.properties(`registered:${customer}`)?.['passmachine_pass_id'];
  return { ...bridge, url, track, cardsOf, storedCard };
}

/** Issues a card whose answer is lost. */
async function openUnknown(options: BridgeOptions = {}) {
  const opened = await open({ faults: ['create:502-after'], ...options });
  const campaign = await opened.issue(goodCustomers(1));
  expect(campaign).toMatchObject({ unknown: 1, done: 0 });
  const [passId = ''] = opened.cardsOf('c-1');
  const job = `${campaign.id}-1`;
  const event = { action: 'created', pass_id: passId, metadata: { passbridge_job: job, tier: 'gold' } };
  return { ...opened, id: campaign.id, job, passId, event };
}

it('ends with one card a customer, whatever happened to the answers', async () => {
  const faults = ['create:502-after@20%', 'create:reset-after@10%', 'create:truncated-2xx@10%'];
  const { sandbox, url, issue, find, cardsOf, storedCard } = await open({ faults, seed: 7 });
  const { id, rows, unknown } = await issue(goodCustomers(30));
  expect(unknown).toBeGreaterThan(0);

  sandbox.events.sendTo({ url });
  await eventually(async () => {
    expect(await find(id)).toMatchObject({ done: rows, unknown: 0, status: 'finished' });
    expect(await find(id)).toMatchObject({ writtenBack: rows });
  });
  const customers = Array.from({ length: rows }, (_, index) => `c-${index + 1}`);
  expect(sandbox.passes.size).toBe(rows);
  expect(customers.map(storedCard)).toEqual(customers.flatMap(cardsOf));
  expect(await find(id)).toMatchObject({ writeBackFailures: 0 });
});

it('ends a create whose event comes before its call times out', async () => {
  const { url, sandbox, start, find, passbridge, storedCard, cardsOf } = await open({
    faults: ['create:hang-after'],
    env: { PASSMACHINE_TIMEOUT_MS: '2000' },
  });
  sandbox.events.sendTo({ url });
  const id = await start('issue', goodCustomers(1));
  await eventually(async () => expect(await passbridge.stores.earlyProofs.count()).toBe(1));
  expect(await find(id)).toMatchObject({ pending: 1 });
  await eventually(async () => expect(await find(id)).toMatchObject({ done: 1, unknown: 0 }));
  await eventually(async () => expect(storedCard('c-1')).toBe(cardsOf('c-1')[0]));
  expect(sandbox.passes.size).toBe(1);
  await eventually(async () => expect(await passbridge.stores.earlyProofs.count()).toBe(0));
});

describe('an event', () => {
  it('leaves the job id out of what Bloomreach gets, and shows in the timeline who proved the card', async () => {
    const { track, event, passId, sandbox, passbridge, id, find, storedCard } = await openUnknown();
    expect(await track(event)).toEqual({ success: true });
    expect(await find(id)).toMatchObject({ done: 1, unknown: 0 });
    await eventually(async () => {
      const stored = sandbox.customers.get('registered:c-1');
      expect(stored?.events[0]?.properties).toEqual({
        action: 'created',
        pass_id: passId,
        metadata: { tier: 'gold' },
      });
      expect(storedCard('c-1')).toBe(passId);
    });
    const [timeline] = (await passbridge.stores.customers?.find('c-1', Date.now())) ?? [];
    expect(timeline?.events.map(({ kind, detail }) => [kind, detail])).toEqual(
      expect.arrayContaining([
        ['done', passId],
        ['proven', 'by an event of Passmachine'],
      ]),
    );
    expect(await passbridge.stores.failures.causes(id)).toEqual([]);
  });

  it('changes nothing when it is repeated', async () => {
    const { track, event, id, find, failures, storedCard, passId } = await openUnknown();
    await track(event);
    await track(event);
    await eventually(async () => expect(storedCard('c-1')).toBe(passId));
    expect(await find(id)).toMatchObject({ rows: 1, done: 1, unknown: 0 });
    expect(await failures(id)).toEqual([]);
  });

  it('that names another card of the same job files a second card, once', async () => {
    const { track, event, id, find, failures, storedCard, passId } = await openUnknown();
    await track(event);
    await track({ ...event, pass_id: 'another' });
    await track({ ...event, pass_id: 'another' });
    expect(await failures(id)).toMatchObject([
      {
        code: 'PM_SECOND_CARD',
        count: 1,
        examples: [{ detail: expect.stringContaining('another') as string }],
      },
    ]);
    await eventually(async () => expect(storedCard('c-1')).toBe(passId));
    expect(await find(id)).toMatchObject({ rows: 1, done: 1, unknown: 0 });
  });

  it('about a card that a later campaign has replaced files nothing', async () => {
    const { track, event, id, failures, run, sandbox, passId } = await openUnknown();
    await track(event);
    sandbox.faults.clear();
    const { done } = await run('reissue', customersWithCards(new Map([['c-1', passId]])));
    expect(done).toBe(1);
    await track(event);
    expect(await failures(id)).toEqual([]);
  });

  it('of another customer is refused and not forwarded', async () => {
    const { track, event, id, find, sandbox } = await openUnknown();
    expect(await track(event, { registered: 'c-2' })).toEqual({
      success: false,
      errors: ['The job in the metadata made a card for another customer.'],
    });
    expect(await find(id)).toMatchObject({ unknown: 1 });
    expect(sandbox.customers.get('registered:c-2')).toBeUndefined();
  });

  it.each([
    ['no card', { pass_id: '' }],
    ['a card id that cannot be one', { pass_id: '{{ customer.id }}' }],
    ['a job that does not exist', { metadata: { passbridge_job: 'nothing-1' } }],
    ['a row that the campaign lacks', { metadata: { passbridge_job: 'ID-2' } }],
  ])('with %s proves nothing', async (_, more) => {
    const { track, event, id, find, passbridge } = await openUnknown();
    const text = JSON.stringify({ ...event, ...more }).replace('ID', id);
    expect(await track(JSON.parse(text) as object)).toEqual({ success: true });
    expect(await find(id)).toMatchObject({ unknown: 1 });
    expect(await passbridge.stores.earlyProofs.count()).toBe(0);
  });

  it('ends a create that an operator has discarded', async () => {
    const { track, event, id, find, passbridge } = await openUnknown();
    const { startBulkAction } = await import('../../src/services/failures/bulk-actions.ts');
    const context = { by: 'alice', via: 'dashboard', reason: 'looked up', now: Date.now() } as const;
    const filter = { campaign: id, unknown: true };
    await startBulkAction(passbridge.stores, { kind: 'discard', filter }, context);
    await eventually(async () => expect(await passbridge.stores.failures.causes(id)).toEqual([]));
    await track(event);
    expect(await find(id)).toMatchObject({ done: 1, unknown: 0 });
  });
});
