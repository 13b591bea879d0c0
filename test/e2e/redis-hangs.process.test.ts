/** A Redis that accepts connections and answers nothing: requests are refused in a sentence, and nothing piles up. */

import { get } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';
import { printedDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/redis-servers.ts';

const ROUNDS = 5;
const customer = { first_name: 'A', last_name: 'B', email: 'a@example.com', id: '1' };
const PATHS = ['/', '/campaigns', '/failures', '/api/overview', '/api/campaigns', '/metrics', '/readyz'];
/** Commands that may have piled up for a Redis that hangs: refused requests send none. */
const MAX_COMMANDS = 500;

it('answers every page, API request, scrape and webhook in a sentence while Redis hangs, and recovers', async () => {
  const redis = await startServer();
  const { start } = await makeWorkspace();
  const web = start(['up', '--role', 'web'], { REDIS_URL: `redis://${redis.address}` });
  const { url: base, bearer } = await printedDashboard(web);
  const read = async (path: string) => {
    const response = await fetch(`${base}${path}`, { headers: bearer, signal: AbortSignal.timeout(30_000) });
    return { path, status: response.status, text: await response.text() };
  };
  const webhook = async (id: number) => {
    const body = JSON.stringify({ customer_ids: { registered: `c-${id}` }, customer });
    const headers = { 'content-type': 'application/json' };
    const url = `${base}/webhooks/bloomreach/loyalty/create`;
    const answer = await fetch(url, { method: 'POST', body, headers, signal: AbortSignal.timeout(30_000) });
    return `${answer.status} ${await answer.text()}`;
  };
  for (const { path, status } of await Promise.all(PATHS.map(read)))
    expect([path, status]).toEqual([path, 200]);
  for (const path of ['/live', '/campaigns/live', '/failures/live']) {
    const stream = get(`${base}${path}`, { headers: bearer }, (response) => response.resume()).on(
      'error',
      () => {},
    );
    onTestFinished(() => void stream.destroy());
  }
  const commands = async () =>
    Number(/total_commands_processed:(\d+)/.exec(await redis.redis.info('stats'))?.[1]);
  const before = await commands();

  redis.freeze();
  onTestFinished(() => redis.thaw());
  // A result is reused for a moment.
  await eventually(async () => expect(await read('/readyz')).toMatchObject({ status: 503 }));
  const answers: Awaited<ReturnType<typeof read>>[] = [];
  const hooks: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [pages, stored] = await Promise.all([
      Promise.all([...PATHS, ...PATHS, ...PATHS].map(read)),
      Promise.all(Array.from({ length: 20 }, (_, nth) => webhook(100 * round + nth))),
    ]);
    answers.push(...pages);
    hooks.push(...stored);
  }
  const scrapes = answers.filter(({ path }) => path === '/metrics');
  for (const { text } of scrapes) expect(text).toMatch(/^passbridge_redis_up 0$/m);
  for (const { path, status, text } of answers.filter((answer) => !scrapes.includes(answer)))
    expect([path, status, text]).toEqual([path, 503, expect.stringContaining('Redis does not answer')]);
  for (const answer of hooks) expect(answer).toMatch(/^500 .*not stored/);

  redis.thaw();
  // Redis works off what was sent to it before it hears of what comes now.
  await setTimeout(500);
  expect((await commands()) - before).toBeLessThan(MAX_COMMANDS);
  await eventually(async () => {
    for (const { path, status } of await Promise.all(PATHS.map(read)))
      expect([path, status]).toEqual([path, 200]);
    expect(await webhook(1)).toMatch(/^200 .*"success":true/);
  });
});
