/** ecosystem.config.cjs under the real PM2: reloads and crashes in the middle of a campaign. */

import { join, resolve } from 'node:path';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { makeDashboardService } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startPm2 } from '../support/pm2.ts';
import { tell, verdictOf } from '../support/verdict.ts';

const file = resolve('ecosystem.config.cjs');

/** Asks again and again until it is told to stop; tells how often, and what was answered instead of 200. */
function watchEndpoint(url: string) {
  const bad: string[] = [];
  const stop = new AbortController();
  let asked = 0;
  const watch = (async () => {
    for (; !stop.signal.aborted; asked += 1) {
      const answered = await request(url, { reset: true }).then(
        async ({ statusCode, body }) => {
          await body.dump();
          return String(statusCode);
        },
        (error: unknown) => String(error),
      );
      if (answered !== '200') bad.push(answered);
    }
  })();
  return async () => {
    stop.abort();
    await watch;
    return { asked, bad };
  };
}

/** A campaign of slow calls under way under a PM2 that has started every role. */
async function startCampaign(rows: number) {
  const { folder, sandbox, env, run, write } = await makeDashboardService({ latencyMs: 1000 });
  const port = await freePort();
  const settings: Record<string, string> = { ...env, DATA_DIR: join(folder, 'data'), PORT: String(port) };
  const { PATH: _path, HOME: _home, ...dotEnv } = settings;
  await write(
    '.env',
    Object.entries(dotEnv)
      .map(([name, value]) => `${name}="${value}"\n`)
      .join(''),
  );
  await write('export.csv', goodCustomers(rows));
  const { pm2, list } = await startPm2(folder);

  await pm2('start', file);
  const started = await list();
  expect(started.map(({ name }) => name)).toEqual([
    'passbridge-web',
    'passbridge-worker',
    'passbridge-worker',
    'passbridge-feeder',
  ]);
  // It said so by itself: PM2 waited for it.
  expect(started.every(({ pm2_env }) => pm2_env.status === 'online' && pm2_env.restart_time === 0)).toBe(
    true,
  );

  await run(['issue', 'loyalty', 'export.csv', '--detach'], settings);
  await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(10), 30_000);
  const judge = () => {
    expect(sandbox.passes.size).toBeLessThan(rows);
    // Nothing is left to be hit: the rest may be quick.
    sandbox.setLatency({ latencyMs: 20 });
    return verdictOf({ sandbox, rows, run: (args) => run(args, settings) });
  };
  return { pm2, list, started, judge, url: `http://127.0.0.1:${port}` };
}

it('a reload in the middle of a campaign loses no card, doubles none and refuses no request', async (context) => {
  const { pm2, list, started, judge, url } = await startCampaign(500);
  const look = watchEndpoint(`${url}/readyz`);
  await pm2('reload', file);
  const { asked, bad } = await look();
  const pids = new Set(started.map(({ pid }) => pid));
  expect((await list()).filter(({ pid }) => pids.has(pid))).toEqual([]);

  const verdict = await judge();
  const door = `, ${asked - bad.length} of ${asked} requests answered meanwhile`;
  await tell(context, 'PM2, reload under load', verdict, door);
  expect(verdict).toMatchObject({ done: 500, unknown: 0, lost: [], doubled: [], maxInFlight: 10 });
  expect(bad).toEqual([]);
  expect(asked).toBeGreaterThan(50);
}, 120_000);

it('a kill -9 of a worker loses no card and doubles none', async (context) => {
  const { list, started, judge } = await startCampaign(200);
  const victim = started.find(({ name }) => name === 'passbridge-worker')!;
  process.kill(victim.pid, 'SIGKILL');
  await eventually(async () => {
    const again = (await list()).find(({ pm_id }) => pm_id === victim.pm_id)!;
    expect([again.pm2_env.status, again.pid === victim.pid]).toEqual(['online', false]);
  }, 20_000);

  const verdict = await judge();
  await tell(context, 'PM2, kill -9 of a worker under load', verdict);
  expect(verdict).toMatchObject({ lost: [], doubled: [], maxInFlight: 10 });
  // Only what the killed worker had under way may be open, and what was about to be.
  expect(verdict.unknown).toBeLessThanOrEqual(20);
}, 120_000);
