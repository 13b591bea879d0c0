/** ecosystem.config.cjs with the real PM2: a reload and a crash during a campaign. */

import { join, resolve } from 'node:path';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startPm2 } from '../support/pm2.ts';
import { annotateReport, readWitnessReport } from '../support/witness-report.ts';

const file = resolve('ecosystem.config.cjs');

/** Requests a URL repeatedly until the returned function is called. That returns the count and all results other than 200. */
function pollEndpoint(url: string) {
  const bad: string[] = [];
  const stop = new AbortController();
  let requests = 0;
  const watch = (async () => {
    for (; !stop.signal.aborted; requests += 1) {
      const result = await request(url, { reset: true }).then(
        async ({ statusCode, body }) => {
          await body.dump();
          return String(statusCode);
        },
        (error: unknown) => String(error),
      );
      if (result !== '200') bad.push(result);
    }
  })();
  return async () => {
    stop.abort();
    await watch;
    return { requests, bad };
  };
}

/** Starts every role with PM2, and a campaign with slow calls. */
async function startCampaign(rows: number) {
  const { folder, sandbox, env, run, write } = await makeWorkspace({ latencyMs: 1000 });
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
  // `wait_ready`: each process reported that it is ready.
  expect(started.every(({ pm2_env }) => pm2_env.status === 'online' && pm2_env.restart_time === 0)).toBe(
    true,
  );

  await run(['issue', 'loyalty', 'export.csv', '--detach'], settings);
  await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(10));
  const readReport = () => {
    expect(sandbox.passes.size).toBeLessThan(rows);
    // The fault was injected; the rest may be fast.
    sandbox.setLatency({ latencyMs: 20 });
    return readWitnessReport({ sandbox, rows, run: (args) => run(args, settings) });
  };
  return { pm2, list, started, readReport, url: `http://127.0.0.1:${port}` };
}

it('loses and duplicates no card, and refuses no request, during a reload', async (context) => {
  const { pm2, list, started, readReport, url } = await startCampaign(500);
  // A process that stops is alive, but not ready.
  const stopPolling = pollEndpoint(`${url}/healthz`);
  await pm2('reload', file);
  const { requests, bad } = await stopPolling();
  const pids = new Set(started.map(({ pid }) => pid));
  expect((await list()).filter(({ pid }) => pids.has(pid))).toEqual([]);

  const report = await readReport();
  const suffix = `, ${requests - bad.length} of ${requests} requests answered meanwhile`;
  await annotateReport(context, 'PM2, reload under load', report, suffix);
  expect(report).toMatchObject({ done: 500, unknown: 0, lost: [], duplicated: [], maxInFlight: 10 });
  expect(bad).toEqual([]);
  expect(requests).toBeGreaterThan(50);
});

it('loses and duplicates no card after kill -9 of a worker', async (context) => {
  const { list, started, readReport } = await startCampaign(200);
  const victim = started.find(({ name }) => name === 'passbridge-worker')!;
  process.kill(victim.pid, 'SIGKILL');
  await eventually(async () => {
    const again = (await list()).find(({ pm_id }) => pm_id === victim.pm_id)!;
    expect([again.pm2_env.status, again.pid === victim.pid]).toEqual(['online', false]);
  });

  const report = await readReport();
  await annotateReport(context, 'PM2, kill -9 of a worker under load', report);
  expect(report).toMatchObject({ lost: [], duplicated: [], maxInFlight: 10 });
  // The ten calls in flight.
  expect(report.unknown).toBeLessThanOrEqual(10);
});
