/**
 * What a card costs Redis, in counts that do not depend on how busy this machine is: they may only fall.
 * docs/performance.md has the same in seconds.
 */

import { expect, it, onTestFinished } from 'vitest';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { startServer } from '../support/redis-servers.ts';

const ROWS = 1500;

/** Seen: 71 to 73; on a slow machine there is more asking in between. BullMQ's own part, from adding a job to its end, is 37 of them. */
const MOST_COMMANDS = 76;
/** Seen: 4.2: added, taken and finished (one script does both), claimed, settled; batches and leases are the rest. */
const MOST_SCRIPTS = 4.8;
/** Seen: 1,000, the window; beside it there is what is kept once. */
const MOST_JOB_KEYS = 1100;

it('a card takes no more commands and scripts than it did, and no more jobs are kept than the window', async () => {
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
  let mostJobs = 0;
  const look = async () => {
    const names = await redis.keys('*:pass:*');
    mostJobs = Math.max(mostJobs, names.filter((name) => !name.endsWith(':lock')).length);
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
  expect(mostJobs).toBeGreaterThan(100);
  expect(mostJobs).toBeLessThan(MOST_JOB_KEYS);
}, 60_000);
