/** A Redis that accepts connections and answers nothing: requests are refused in a sentence, and nothing piles up. */

import { get } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';
import { printedDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { streamOf } from '../support/live.ts';
import { startServer } from '../support/redis-servers.ts';
import { startSwitchingProxy } from '../support/switching-proxy.ts';

const ROUNDS = 5;
const customer = { first_name: 'A', last_name: 'B', email: 'a@example.com', id: '1' };
const PATHS = ['/', '/campaigns', '/attention', '/api/overview', '/api/campaigns', '/metrics', '/readyz'];

it('answers every page, API request, scrape and webhook in a sentence while Redis hangs, and recovers', async () => {
  const redis = await startServer();
  const proxy = await startSwitchingProxy(redis.port);
  const { start } = await makeWorkspace();
  const web = start(['up', '--role', 'web'], { REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
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
  /** Sends requests of all kinds; `nth` tells its webhook requests apart from those of other rounds. */
  const round = (nth: number) =>
    Promise.all([
      Promise.all([...PATHS, ...PATHS, ...PATHS].map(read)),
      Promise.all(Array.from({ length: 20 }, (_, one) => webhook(100 * nth + one))),
    ]);
  for (const topic of ['/', '/campaigns', '/attention', 'frame']) {
    const stream = get(streamOf(base, topic), { headers: bearer }, (response) => response.resume()).on(
      'error',
      () => {},
    );
    onTestFinished(() => void stream.destroy());
  }
  // What one round sends to a Redis that answers.
  const control = await eventually(async () => {
    const before = proxy.sent();
    const [pages, stored] = await round(ROUNDS);
    for (const { path, status } of pages) expect([path, status]).toEqual([path, 200]);
    for (const answer of stored) expect(answer).toMatch(/^200 .*"success":true/);
    return proxy.sent() - before;
  });

  redis.freeze();
  onTestFinished(() => redis.thaw());
  // A result is reused for a moment.
  await eventually(async () => expect(await read('/readyz')).toMatchObject({ status: 503 }));
  const beforeHang = proxy.sent();
  const rounds: Awaited<ReturnType<typeof round>>[] = [];
  for (let nth = 0; nth < ROUNDS; nth += 1) rounds.push(await round(nth));
  const piledUp = proxy.sent() - beforeHang;
  const answers = rounds.flatMap(([pages]) => pages);
  const hooks = rounds.flatMap(([, stored]) => stored);
  const scrapes = answers.filter(({ path }) => path === '/metrics');
  for (const { text } of scrapes) expect(text).toMatch(/^passbridge_redis_up 0$/m);
  for (const { path, status, text } of answers.filter((answer) => !scrapes.includes(answer)))
    expect([path, status, text]).toEqual([path, 503, expect.stringContaining('Redis does not answer')]);
  for (const answer of hooks) expect(answer).toMatch(/^500 .*not stored/);

  // A browser gets a page with its styles, which loads itself again.
  const page = await fetch(base, { headers: { ...bearer, accept: 'text/html' } });
  expect([page.status, page.headers.get('refresh')]).toEqual([503, '5']);
  const html = await page.text();
  expect(html).toContain('This page cannot be shown now');
  const assets = html.match(/\/assets\/[^"]+/g) ?? [];
  expect(assets).toContainEqual(expect.stringMatching(/\.css$/));
  for (const path of assets) expect(await read(path)).toMatchObject({ path, status: 200 });

  // Refused requests send nothing; probes of Redis send a little.
  expect(piledUp, `bytes; one round while Redis answers sends ${control}`).toBeLessThan(control / 2);

  redis.thaw();
  await eventually(async () => {
    for (const { path, status } of await Promise.all(PATHS.map(read)))
      expect([path, status]).toEqual([path, 200]);
    expect(await webhook(1)).toMatch(/^200 .*"success":true/);
  });
});
