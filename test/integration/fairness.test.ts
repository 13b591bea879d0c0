/** Who gets the ten slots when several want them. */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { haltCampaign } from '../../src/services/campaigns/control.ts';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { testAction, makeJob, makeOrder } from '../support/make.ts';

/** More than enough to fill the window many times over. */
const BULK_ROWS = Number(process.env['FAIRNESS_ROWS'] ?? 5000);
const REQUESTS = 30;

/** The customers `c-{from + 1}` to `c-{from + count}`. */
function customersFrom(from: number, count: number): string {
  const [header, ...rows] = goodCustomers(from + count).split('\n');
  return [header, ...rows.slice(from)].join('\n');
}

it('a webhook’s job overtakes a bulk campaign: its card is there within a second at the 95th percentile', async () => {
  const { begin, find, sandbox, passbridge } = await startBridge({ latencyMs: 100 });
  const { campaigns, passQueue } = passbridge.stores;
  const bulk = await begin('issue', goodCustomers(BULK_ROWS));
  await eventually(async () => expect((await find(bulk)).done).toBeGreaterThan(20), 30_000);

  // With a file it would be paused, were this to take as long as it takes to notice that there is none.
  await campaigns.create({ ...makeOrder('hits'), source: { kind: 'webhooks' } });
  await campaigns.accept('hits', REQUESTS, [], 0);
  const addedAt: number[] = [];
  for (let row = 1; row <= REQUESTS; row += 1) {
    const customer = {
      ids: { registered: `hit-${row}` },
      attributes: { first_name: 'A', last_name: 'B', email: 'a@example.com', id: '1' },
    };
    addedAt.push(Date.now());
    await passQueue.add([makeJob(row, { id: `hits-${row}`, campaign: 'hits', customer })], 'webhook');
    await sleep(80);
  }
  await eventually(async () => expect((await find('hits')).done).toBe(REQUESTS));
  const took = addedAt.map(
    (at, index) => (sandbox.passes.of(`hit-${index + 1}`)[0]?.createdAt ?? Infinity) - at,
  );
  const p95 = took.toSorted((a, b) => a - b)[Math.ceil(REQUESTS * 0.95) - 1];
  expect(p95).toBeLessThan(1000);
  expect((await find(bulk)).status).toBe('running');
  await haltCampaign(passbridge.stores, bulk, 'stopped', { ...testAction, reason: `${p95} ms` });
}, 120_000);

it('two campaigns of a size that start together finish within 10 % of each other', async () => {
  const { begin, over, sandbox } = await startBridge({ latencyMs: 20 });
  const startedAt = Date.now();
  const ids = await Promise.all([
    begin('issue', customersFrom(0, 1200)),
    begin('issue', customersFrom(1200, 1200)),
  ]);
  await Promise.all(ids.map((id) => over(id, 60_000)));
  const lastCard = (from: number, to: number) =>
    Math.max(
      ...[...sandbox.passes.all()]
        .filter(({ customer = '' }) => Number(customer.slice(2)) > from && Number(customer.slice(2)) <= to)
        .map(({ createdAt }) => createdAt - startedAt),
    );
  const [first, second] = [lastCard(0, 1200), lastCard(1200, 2400)];
  expect(Math.abs(first - second)).toBeLessThan(0.1 * Math.max(first, second));
}, 90_000);
