/** Acknowledged means stored, whoever dies. */

import { once } from 'node:events';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { makeDesk, printed } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';

const SENDERS = 20;
const MOST_HITS = 400;

it('every hit that was answered with 200 is done once, although the web process is killed', async () => {
  const { start, sandbox } = await makeDesk({ latencyMs: 5 });
  const web = start(['up', '--role', 'web']);
  start(['up', '--role', 'worker']);
  const feeder = start(['up', '--role', 'feeder']);
  const [, url] = await printed(web, /up at (\S+)/);
  await printed(feeder, /up as feeder/);

  const acknowledged = new Set<string>();
  let sent = 0;
  const sendUntilItDies = async () => {
    while (sent < MOST_HITS) {
      sent += 1;
      const customer = `h-${sent}`;
      const body = JSON.stringify({
        customer_ids: { registered: customer },
        customer: { first_name: 'A', last_name: 'B', email: 'a@example.com', id: '1' },
      });
      const answer = await request(`${url}/webhooks/bloomreach/loyalty/create`, { method: 'POST', body });
      await answer.body.dump();
      if (answer.statusCode === 200) acknowledged.add(customer);
      if (acknowledged.size === MOST_HITS / 2) web.child.kill('SIGKILL');
    }
  };
  // All but its death is a failure of the test.
  const ends = await Promise.allSettled(Array.from({ length: SENDERS }, sendUntilItDies));
  expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
  if (web.child.signalCode === null) await once(web.child, 'exit');

  await eventually(() => {
    const cards = sandbox.witness.createsApplied();
    expect([...acknowledged].filter((customer) => !cards.has(customer))).toEqual([]);
  }, 30_000);
  expect(acknowledged.size).toBeGreaterThanOrEqual(MOST_HITS / 2);
  expect(sandbox.witness.doubles()).toEqual([]);
}, 60_000);
