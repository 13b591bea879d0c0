/**
 * What a card costs Redis, in counts that do not depend on how busy this machine is: they may only fall.
 * docs/performance.md has the same in seconds.
 */

import { expect, it, onTestFinished } from 'vitest';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { startServer } from '../support/redis-servers.ts';

const ROWS = 1500;

/** Seen: 35 to 37; on a slow machine there is more asking in between. BullMQ’s own part, 37 for an entry, is shared by ten. */
const MOST_COMMANDS = 40;
/** Seen: 2.3: a claim and a settlement each, and a tenth of what the queue needs for an entry; batches and leases are the rest. */
const MOST_SCRIPTS = 2.6;
/** Seen: 103 to 107, the window of 1,000 jobs by ten; beside it there is what is kept once. */
const MOST_ENTRIES = 130;

it('a card takes no more commands and scripts than it did, and no more of them are kept than the window', async () => {
  const { redis, place } = await startServer();
  const { begin, over, sandbox } = await startBridge({ env: { REDIS_URL: `redis://${place}` } });
  const commands = async () => {
    const text = await redis.info('commandstats');
    const calls = [...text.matchAll(/cmdstat_([^:|]+)[^:]*:calls=(\d+)/g)].map(
      ([, name = '', count]) => [name, Number(count)] as const,
    );
    const sum = (those: typeof calls) => those.reduce((total, [, count]) => total + count, 0);
    return { all: sum(calls), scripts: sum(calls.filter(([name]) => name.startsWith('eval'))) };
  };
  let mostEntries = 0;
  const look = async () => {
    const names = await redis.keys('*:pass:*');
    mostEntries = Math.max(mostEntries, names.filter((name) => !name.endsWith(':lock')).length);
  };
  const before = await commands();
  const id = await begin('issue', goodCustomers(ROWS));
  const looking = setInterval(() => void look(), 200);
  onTestFinished(() => clearInterval(looking));
  await over(id);
  clearInterval(looking);
  const after = await commands();
  expect(sandbox.passes.size).toBe(ROWS);

  expect((after.all - before.all) / ROWS).toBeLessThan(MOST_COMMANDS);
  expect((after.scripts - before.scripts) / ROWS).toBeLessThan(MOST_SCRIPTS);
  expect(mostEntries).toBeGreaterThan(50);
  expect(mostEntries).toBeLessThan(MOST_ENTRIES);
}, 60_000);
