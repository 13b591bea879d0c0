/** SIGTSTP makes a process quiet: it takes no more jobs, and continues everything else until it is stopped. */

import { request } from 'undici';
import { expect, it } from 'vitest';
import { makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { printedDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';

const ROWS = 150;
const MAX_IN_FLIGHT = 10;

interface StatusJson {
  campaigns: { pending: number; unknown: number }[];
  waits: { cause: string; text: string }[];
  processes: { pid: number; roles: string[]; quiet: boolean }[];
}

it('a quiet process begins no call, still serves HTTP, and leaves its jobs to others', async () => {
  const { sandbox, run, start, write } = await makeWorkspace({ latencyMs: 300 });
  await write('export.csv', goodCustomers(ROWS));
  const status = async () => JSON.parse((await run(['status', '--json'])).stdout) as StatusJson;
  const up = start(['up'], { WEBHOOK_TOKEN: 'sandbox-webhooks' });
  const { url, bearer } = await printedDashboard(up);
  const get = async (path: string) => {
    const { statusCode, body } = await request(url + path, { headers: bearer });
    return { statusCode, text: await body.text() };
  };
  const creates = () => sandbox.witness.count('create');
  await run(['issue', 'loyalty', 'export.csv', '--detach', '--yes']);
  await eventually(() => expect(creates()).toBeGreaterThan(2 * MAX_IN_FLIGHT));

  const signaledAt = sandbox.witness.now();
  up.child.kill('SIGTSTP');
  await eventually(async () => {
    expect(JSON.parse((await get('/healthz')).text)).toMatchObject({ status: 'ok', quiet: true });
    expect((await get('/metrics')).text).toMatch(/^passbridge_slots_busy 0$/m);
  });
  const begun = creates();
  // Those that were on their way when the process received the signal.
  const late = sandbox.witness.entries().filter(({ kind, at }) => kind === 'create' && at > signaledAt);
  expect(late.length).toBeLessThanOrEqual(MAX_IN_FLIGHT);

  const webhook = await request(`${url}/webhooks/bloomreach/loyalty/create`, {
    method: 'POST',
    headers: { authorization: 'Bearer sandbox-webhooks', 'content-type': 'application/json' },
    body: JSON.stringify({
      customer_ids: { registered: 'webhook-1' },
      customer: { first_name: 'Žofie', last_name: 'Nováková', email: 'w@example.com', id: '000001' },
    }),
  });
  expect([webhook.statusCode, await webhook.body.text()]).toEqual([
    200,
    expect.stringContaining('"success":true'),
  ]);
  expect((await get('/readyz')).statusCode).toBe(200);
  await eventually(async () =>
    expect((await get('/settings')).text).toContain('quiet: it takes no more jobs'),
  );
  await eventually(async () =>
    expect((await get('/metrics')).text).toMatch(/^passbridge_processes_quiet\{role="worker"\} 1$/m),
  );
  const seen = await status();
  expect(seen.processes).toMatchObject([
    { pid: up.child.pid, roles: ['worker', 'feeder', 'web'], quiet: true },
  ]);
  expect(seen.waits[0]).toMatchObject({ cause: 'no-worker', text: expect.stringContaining('quiet') });
  expect((await run(['status'])).stdout).toMatch(/ {2}worker, feeder, web .+quiet: takes no more jobs/);
  // The webhook and the rest of the campaign have waited all this time, and the write-backs are sent.
  expect(creates()).toBe(begun);
  await eventually(() => expect(sandbox.witness.writeBacks.delays()).toHaveLength(begun));

  const other = start(['up', '--role', 'worker']);
  const feeder = start(['up', '--role', 'feeder']);
  await Promise.all([printed(other, /up as/), printed(feeder, /up as/)]);
  await eventually(() => expect(sandbox.passes.size).toBe(ROWS + 1));
  await eventually(async () =>
    expect((await status()).campaigns.map(({ pending }) => pending)).toEqual([0, 0]),
  );
  expect((await status()).campaigns.map(({ unknown }) => unknown)).toEqual([0, 0]);
  expect(sandbox.witness.doubles()).toEqual([]);
  expect(sandbox.witness.maxInFlight('all')).toBeLessThanOrEqual(MAX_IN_FLIGHT);

  up.child.kill('SIGTERM');
  expect((await up.ended).code).toBe(0);
});

it('a worker that is quiet before it is up takes no job', async () => {
  const { sandbox, run, start, write } = await makeWorkspace();
  await write('export.csv', goodCustomers(3));
  await run(['issue', 'loyalty', 'export.csv', '--detach', '--yes']);
  const port = await freePort();
  const worker = start(['up', '--role', 'worker'], { METRICS_PORT: String(port) });
  await eventually(() => expect(worker.stderr()).toContain('"start"'));
  worker.child.kill('SIGTSTP');
  await printed(worker, /up as worker/);
  const feeder = start(['up', '--role', 'feeder']);
  await printed(feeder, /up as feeder/);
  const health = async () => (await request(`http://127.0.0.1:${port}/healthz`)).body.json();
  expect(await health()).toMatchObject({ status: 'ok', quiet: true });
  // The feeder has queued the jobs.
  await eventually(async () => {
    const { body } = await request(`http://127.0.0.1:${port}/metrics`);
    expect(await body.text()).toMatch(/^passbridge_queue_jobs\{state="waiting"\} 3$/m);
  });
  expect(sandbox.witness.count('create')).toBe(0);
  worker.child.kill('SIGTERM');
  expect((await worker.ended).code).toBe(0);
});
