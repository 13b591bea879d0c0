/** A webhook request that was answered with 200 is processed once, even if a process or Redis is killed. */

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { openPrivateRedis } from '../../src/kit/private-redis/private-redis.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { makeWorkspace, printed } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';

const SENDERS = 20;
const REQUESTS = 400;

/** Starts a sandbox, a Redis for this test, and one process per role. */
async function startRoles() {
  const dataDir = await mkdtemp(join(tmpdir(), 'passbridge-webhooks-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const redis = await openPrivateRedis({ dataDir, env: process.env });
  onTestFinished(() => redis.close());
  const { start, sandbox } = await makeWorkspace({ latencyMs: 5 });
  const role = (name: string) => start(['up', '--role', name], { DATA_DIR: dataDir });
  const [web, worker, feeder] = [role('web'), role('worker'), role('feeder')];
  await Promise.all([printed(worker, /up as worker/), printed(feeder, /up as feeder/)]);
  const [, url = ''] = await printed(web, /up at (\S+)/);
  return { sandbox, redis, web, url };
}

/** Sends requests on several connections at once, and calls `acknowledged` for each 200. A sender rejects if the endpoint is gone. */
async function sendWebhooks(url: string, acknowledged: (customer: string) => void) {
  let sent = 0;
  const sendNext = async () => {
    while (sent < REQUESTS) {
      const customer = `h-${(sent += 1)}`;
      const body = JSON.stringify({
        customer_ids: { registered: customer },
        customer: { first_name: 'A', last_name: 'B', email: 'a@example.com', id: '1' },
      });
      const answer = await request(`${url}/webhooks/bloomreach/loyalty/create`, { method: 'POST', body });
      await answer.body.dump();
      if (answer.statusCode === 200) acknowledged(customer);
      else if (answer.statusCode !== 500) throw new Error(`answered ${answer.statusCode}`);
    }
  };
  return Promise.allSettled(Array.from({ length: SENDERS }, sendNext));
}

/** Waits until every customer has a card, and checks that none has two. */
async function expectCards(sandbox: Sandbox, customers: ReadonlySet<string>) {
  await eventually(() => {
    const cards = sandbox.witness.createsApplied();
    expect([...customers].filter((customer) => !cards.has(customer))).toEqual([]);
  });
  expect(sandbox.witness.doubles()).toEqual([]);
}

it('processes every acknowledged request once if the web process is killed', async () => {
  const { sandbox, web, url } = await startRoles();
  const acknowledged = new Set<string>();
  const ends = await sendWebhooks(url, (customer) => {
    acknowledged.add(customer);
    if (acknowledged.size === REQUESTS / 2) web.child.kill('SIGKILL');
  });
  // All senders were still sending when it was killed.
  expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
  if (web.child.signalCode === null) await once(web.child, 'exit');
  expect(acknowledged.size).toBeGreaterThanOrEqual(REQUESTS / 2);
  await expectCards(sandbox, acknowledged);
});

it('processes every acknowledged request once if Redis is killed', async () => {
  const { sandbox, redis, url } = await startRoles();
  const { pid } = redis;
  const acknowledged = new Set<string>();
  const ends = await sendWebhooks(url, (customer) => {
    acknowledged.add(customer);
    if (acknowledged.size === REQUESTS / 4) process.kill(pid, 'SIGKILL');
  });
  expect(ends.every(({ status }) => status === 'fulfilled')).toBe(true);
  // The other processes may connect to the new Redis before this one does.
  await eventually(() => expect(redis.pid).not.toBe(pid));
  expect(acknowledged.size).toBeGreaterThan(REQUESTS / 4);
  await expectCards(sandbox, acknowledged);
});
