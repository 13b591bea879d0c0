/** How campaigns and webhooks share the ten slots. */

import { expect, it } from 'vitest';
import { haltCampaign } from '../../src/services/campaigns/control.ts';
import { sleep } from '../../src/kit/clock.ts';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { testAction, makeJob, makeOrder } from '../support/make.ts';

/** Fills the queue's window of 1,000 jobs several times. */
const BULK_ROWS = Number(process.env['FAIRNESS_ROWS'] ?? 5000);
const REQUESTS = 30;

/** Returns the customers `c-{from + 1}` to `c-{from + count}`. */
function customersFrom(from: number, count: number): string {
  const [header, ...rows] = goodCustomers(from + count).split('\n');
  return [header, ...rows.slice(from)].join('\n');
}

it('sends webhook jobs ahead of a campaign: at p95 in a tenth of the time that the queue ahead needs', async () => {
  const { start, find, sandbox, passbridge } = await startBridge({ latencyMs: 100 });
  const { campaigns, passQueue } = passbridge.stores;
  const bulk = await start('issue', goodCustomers(BULK_ROWS));
  await eventually(async () => expect((await find(bulk)).done).toBeGreaterThan(20));

  // A file source would make the feeder pause the campaign, because the file does not exist.
  await campaigns.create({ ...makeOrder('webhooks'), source: { kind: 'webhooks' } });
  await campaigns.accept('webhooks', REQUESTS, [], 0);
  const addedAt: number[] = [];
  const startedAt = Date.now();
  const doneBefore = (await find(bulk)).done;
  const { waiting } = await passQueue.depth();
  for (let row = 1; row <= REQUESTS; row += 1) {
    const customer = {
      ids: { registered: `w-${row}` },
      attributes: { first_name: 'A', last_name: 'B', email: 'a@example.com', id: '1' },
    };
    addedAt.push(Date.now());
    await passQueue.add([makeJob(row, { id: `webhooks-${row}`, campaign: 'webhooks', customer })], 'webhook');
    // Spread over the time that the campaign needs for a few dozen cards.
    await sleep(80);
  }
  await eventually(async () => expect((await find('webhooks')).done).toBe(REQUESTS));
  const took = addedAt.map(
    (at, index) => (sandbox.passes.of(`w-${index + 1}`)[0]?.createdAt ?? Infinity) - at,
  );
  const p95 = took.toSorted((a, b) => a - b)[Math.ceil(REQUESTS * 0.95) - 1];
  // On an idle machine the queue ahead needs ten seconds, and p95 is below one.
  const cardsPerMs = ((await find(bulk)).done - doneBefore) / (Date.now() - startedAt);
  expect(waiting).toBeGreaterThan(500);
  expect(p95).toBeLessThan(waiting / cardsPerMs / 10);
  expect((await find(bulk)).status).toBe('running');
  await haltCampaign(passbridge.stores, bulk, 'stopped', { ...testAction, reason: `${p95} ms` });
});

it('finishes two campaigns of the same size within 10 % of each other', async () => {
  const { start, waitForEnd, sandbox } = await startBridge({ latencyMs: 20 });
  const startedAt = Date.now();
  const ids = await Promise.all([
    start('issue', customersFrom(0, 1200)),
    start('issue', customersFrom(1200, 1200)),
  ]);
  await Promise.all(ids.map((id) => waitForEnd(id)));
  const lastCard = (from: number, to: number) =>
    Math.max(
      ...[...sandbox.passes.all()]
        .filter(({ customer = '' }) => Number(customer.slice(2)) > from && Number(customer.slice(2)) <= to)
        .map(({ createdAt }) => createdAt - startedAt),
    );
  const [first, second] = [lastCard(0, 1200), lastCard(1200, 2400)];
  expect(Math.abs(first - second)).toBeLessThan(0.1 * Math.max(first, second));
});
