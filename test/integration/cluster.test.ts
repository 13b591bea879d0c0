/** Several machines on one Redis Cluster: the same promises as on one server. */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { makeDashboardService, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { startCluster } from '../support/redis-servers.ts';

const ROWS = 1000;
const REQUESTS = 40;
const SCHEDULED = 50;

const programs = `programs:
  loyalty:
    card: loyalty
    templateId: t
    create:
      templateVariables: { kpFirstName: "{{ customer.first_name }}" }
      metadata: { registered: "{{ customer_ids.registered }}" }
schedules:
  nightly:
    program: loyalty
    action: issue
    source: { file: nightly.csv }
    cron: '0 3 * * *'
`;

/** Three workers, a feeder and a web server, each a process of its own that knows one node. */
async function startRoles() {
  const nodes = await startCluster();
  const service = await makeDashboardService({ latencyMs: 60 });
  await service.write('programs.yaml', programs);
  Object.assign(service.env, {
    PROGRAMS_FILE: join(service.folder, 'programs.yaml'),
    REDIS_URL: `redis+cluster://${nodes[0]?.place}`,
  });
  const workers = [1, 2, 3].map(() => service.start(['up', '--role', 'worker']));
  const feeder = service.start(['up', '--role', 'feeder']);
  const web = service.start(['up', '--role', 'web']);
  await Promise.all([...workers, feeder].map((role) => printed(role, /up as/)));
  const [, url = ''] = await printed(web, /up at (\S+)/);
  /** A command that has to succeed; what it printed. */
  const tell = async (...args: string[]) => {
    const { code, stdout, stderr } = await service.run(args);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const find = async (id: string) => {
    const { campaigns } = JSON.parse(await tell('status', '--json')) as { campaigns: { id: string }[] };
    return campaigns.find((campaign) => campaign.id === id);
  };
  return { ...service, nodes, url, tell, find };
}

it('a campaign of 1,000 rows, paused and resumed, webhooks and a schedule: each card once, within the cap', async () => {
  const { write, tell, find, sandbox, nodes, url } = await startRoles();
  await write('nightly.csv', goodCustomers(SCHEDULED).replaceAll('c-', 'n-'));
  await write('all.csv', goodCustomers(ROWS));

  const started = await tell('issue', 'loyalty', 'all.csv', '--detach');
  const id = /[\w-]+-issue-[\w-]+/.exec(started)?.[0] ?? '';
  await tell('pause', id);
  expect(await find(id)).toMatchObject({ status: 'paused' });
  await eventually(async () => {
    const before = sandbox.witness.count('create');
    await delay(500);
    expect(sandbox.witness.count('create')).toBe(before);
  });
  expect(sandbox.passes.size).toBeLessThan(ROWS);

  const hits = Array.from({ length: REQUESTS }, (_, n) => ({
    customer_ids: { registered: `h-${n}` },
    customer: { first_name: 'A' },
  }));
  for (const body of [hits, hits].map((sent) => JSON.stringify(sent))) {
    const answer = await request(`${url}/webhooks/bloomreach/loyalty/create`, { method: 'POST', body });
    expect(await answer.body.json()).toMatchObject({ success: true });
  }
  await tell('schedules', 'run', 'nightly');
  await tell('resume', id);

  // What asks servers, not keys: how full Redis is, the clients of every node.
  const now = (await (await request(`${url}/api/now`)).body.json()) as { workers: unknown[] };
  expect(now.workers).toHaveLength(3);
  const raw = await request(`${url}/queues/api/queues`);
  expect(await raw.body.json()).toMatchObject({ queues: [{ name: 'pass' }, { name: 'campaign' }] });

  await eventually(() => expect(sandbox.passes.size).toBe(ROWS + REQUESTS + SCHEDULED), 30_000);
  const saved = (n: number) => sandbox.customers.properties(`registered:c-${n}`)?.['passmachine_pass_id'];
  await eventually(() => {
    for (let n = 1; n <= ROWS; n += 1) expect(saved(n)).toBe(sandbox.passes.of(`c-${n}`)[0]?.id);
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
  // All keys lie in one slot, so with one node.
  const sizes = await Promise.all(nodes.map(({ redis }) => redis.dbsize()));
  expect(sizes.filter((size) => size > 0)).toHaveLength(1);
}, 60_000);
