/** Several processes on a Redis Cluster have the same guarantees as on one server. */

import { join } from 'node:path';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { sleep } from '../../src/kit/clock.ts';
import { makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { printedDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { loyaltyProgramYaml } from '../support/programs-yaml.ts';
import { startCluster } from '../support/redis-servers.ts';

const ROWS = 1000;
const REQUESTS = 40;
const SCHEDULED = 50;

const programs = `${loyaltyProgramYaml}schedules:
  nightly:
    program: loyalty
    action: issue
    source: { file: nightly.csv }
    cron: '0 3 * * *'
`;

/** Starts three workers, a feeder and a web process. Each is configured with one node of the Cluster. */
async function startRoles() {
  const nodes = await startCluster();
  const workspace = await makeWorkspace({ latencyMs: 60 });
  await workspace.write('programs.yaml', programs);
  Object.assign(workspace.env, {
    PROGRAMS_FILE: join(workspace.folder, 'programs.yaml'),
    REDIS_URL: `redis+cluster://${nodes[0]?.address}`,
  });
  const workers = [1, 2, 3].map(() => workspace.start(['up', '--role', 'worker']));
  const feeder = workspace.start(['up', '--role', 'feeder']);
  const web = workspace.start(['up', '--role', 'web']);
  await Promise.all([...workers, feeder].map((role) => printed(role, /up as/)));
  const { url, bearer } = await printedDashboard(web);
  /** Runs a command that must succeed; returns its output. */
  const command = async (...args: string[]) => {
    const { code, stdout, stderr } = await workspace.run(args);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const find = async (id: string) => {
    const { campaigns } = JSON.parse(await command('status', '--json')) as { campaigns: { id: string }[] };
    return campaigns.find((campaign) => campaign.id === id);
  };
  return { ...workspace, nodes, url, bearer, command, find };
}

it('issues each card of a paused campaign, of webhooks and of a schedule once, within the limit', async () => {
  const { write, command, find, sandbox, nodes, url, bearer } = await startRoles();
  await write('nightly.csv', goodCustomers(SCHEDULED).replaceAll('c-', 'n-'));
  await write('all.csv', goodCustomers(ROWS));

  const started = await command('issue', 'loyalty', 'all.csv', '--detach');
  const id = /[\w-]+-issue-[\w-]+/.exec(started)?.[0] ?? '';
  await command('pause', id);
  expect(await find(id)).toMatchObject({ status: 'paused' });
  await eventually(async () => {
    // No create within half a second: the calls in flight have ended.
    const before = sandbox.witness.count('create');
    await sleep(500);
    expect(sandbox.witness.count('create')).toBe(before);
  });
  expect(sandbox.passes.size).toBeLessThan(ROWS);

  const requests = Array.from({ length: REQUESTS }, (_, n) => ({
    customer_ids: { registered: `h-${n}` },
    customer: { first_name: 'A' },
  }));
  // The same requests twice: the second time they are duplicates.
  for (const body of [requests, requests].map((sent) => JSON.stringify(sent))) {
    const answer = await request(`${url}/webhooks/bloomreach/loyalty/create`, { method: 'POST', body });
    expect(await answer.body.json()).toMatchObject({ success: true });
  }
  await command('schedules', 'run', 'nightly');
  await command('resume', id);

  // The overview needs commands of servers, not keys: memory use, and the clients of every node.
  const overview = (await (await request(`${url}/api/overview`, { headers: bearer })).body.json()) as {
    workers: unknown[];
  };
  expect(overview.workers).toHaveLength(3);
  const queues = await request(`${url}/api/diagnostics`, { headers: bearer });
  expect(await queues.body.json()).toMatchObject({ queues: [{ name: 'pass' }, { name: 'campaign' }] });

  await eventually(() => expect(sandbox.passes.size).toBe(ROWS + REQUESTS + SCHEDULED));
  const savedCard = (n: number) => sandbox.customers.properties(`registered:c-${n}`)?.['passmachine_pass_id'];
  await eventually(() => {
    for (let n = 1; n <= ROWS; n += 1) expect(savedCard(n)).toBe(sandbox.passes.of(`c-${n}`)[0]?.id);
  });
  expect(await find(id)).toMatchObject({
    status: 'finished',
    rows: ROWS,
    done: ROWS,
    unknown: 0,
    pending: 0,
  });
  expect(sandbox.witness.doubles()).toEqual([]);
  expect(sandbox.witness.maxInFlight('all')).toBe(10);
  // All keys share a hash tag, so one node has them all.
  const sizes = await Promise.all(nodes.map(({ redis }) => redis.dbsize()));
  expect(sizes.filter((size) => size > 0)).toHaveLength(1);
});
