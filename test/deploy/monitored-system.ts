/** passbridge in three processes with its own Redis, the sandbox and a real Prometheus. */

import { once } from 'node:events';
import { expect } from 'vitest';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeWorkspace, printed, type Running } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startServer } from '../support/redis-servers.ts';
import { readRules } from './prometheus.ts';
import { accelerate, startPrometheus } from './prometheus-server.ts';

export type MonitoredSystem = Awaited<ReturnType<typeof openMonitoredSystem>>;
export type Role = 'web' | 'worker' | 'feeder';

export const programs = `programs:
  loyalty:
    card: loyalty
    templateId: t
    create:
      templateVariables: { kpFirstName: '{{ customer.first_name }}' }
      metadata: { registered: '{{ customer_ids.registered }}' }
  gift:
    card: gift
    templateId: t
    create:
      templateVariables: { code: '{{ voucher }}' }
      metadata: { registered: '{{ customer_ids.registered }}' }
    vouchers: codes.txt
schedules:
  yearly:
    program: loyalty
    action: issue
    source: { file: missing.csv }
    cron: '30 3 1 1 *'
    missed: ask
`;

/** Returns voucher codes numbered `from` to `to`, one per line. */
export function codes(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, index) => `CODE-${from + index}\n`).join('');
}

/** `thresholds`: see `accelerate`. */
export async function openMonitoredSystem(thresholds: Parameters<typeof accelerate>[1]) {
  const redis = await startServer();
  const workspace = await makeWorkspace({ latencyMs: 5 });
  Object.assign(workspace.env, {
    REDIS_URL: `redis://${redis.address}`,
    PROGRAMS_FILE: 'programs.yaml',
    RETRY_DELAYS: '0.1,0.1,0.1',
    PAUSE_AT_FAILURES: '0',
  });
  await workspace.write('codes.txt', codes(1, 150));
  await workspace.write('programs.yaml', programs);

  const ports = { web: await freePort(), worker: await freePort(), feeder: await freePort() };
  const processes: Partial<Record<Role, Running>> = {};
  const launch = async (role: Role) => {
    const port = String(ports[role]);
    const running = workspace.start(
      ['up', '--role', role],
      role === 'web' ? { PORT: port } : { METRICS_PORT: port },
    );
    processes[role] = running;
    await printed(running, /is up/);
  };
  await Promise.all((['web', 'worker', 'feeder'] as const).map(launch));
  const targets = Object.values(ports).map((port) => `127.0.0.1:${port}`);
  const prometheus = await startPrometheus(targets, accelerate(readRules(), thresholds));

  const child = (role: Role) => processes[role]!.child;
  let added: Running | undefined;
  let customers = 0;
  return {
    ...workspace,
    redis,
    ...prometheus,
    keys: makeLedgerKeys(workspace.env['QUEUE_PREFIX'] ?? ''),
    launch,
    child,
    async kill(role: Role): Promise<void> {
      const exited = once(child(role), 'exit');
      child(role).kill('SIGKILL');
      await exited;
    },
    /** Starts another worker, with settings of its own. Prometheus does not scrape it. */
    async addWorker(settings: Record<string, string | undefined>): Promise<void> {
      added = workspace.start(['up', '--role', 'worker'], settings);
      await printed(added, /is up/);
    },
    async removeWorker(): Promise<void> {
      added?.child.kill('SIGTERM');
      await added?.ended;
    },
    /** Returns the start time of a process as scraped by Prometheus. */
    startTimeOf: (role: Role) =>
      prometheus.value(`process_start_time_seconds{instance="127.0.0.1:${ports[role]}"}`),
    /** Starts a campaign for `count` new customers; returns its id. */
    async issue(count: number, ...args: string[]): Promise<string> {
      customers += count;
      const [header, ...rows] = goodCustomers(customers).trimEnd().split('\n');
      const file = `export-${customers}.csv`;
      await workspace.write(file, `${[header, ...rows.slice(-count)].join('\n')}\n`);
      const program = args.includes('gift') ? 'gift' : 'loyalty';
      const flags = args.filter((arg) => arg !== 'gift');
      const { code, stdout, stderr } = await workspace.run(['issue', program, file, '--detach', ...flags]);
      expect([code, stderr]).toEqual([0, expect.anything()]);
      return /^(\S+): started/m.exec(stdout)?.[1] ?? '';
    },
    waitUntilFiring: (alert: string) =>
      eventually(async () => expect(await prometheus.firing()).toContain(alert)),
    waitUntilResolved: (alert: string) =>
      eventually(async () => expect(await prometheus.firing()).not.toContain(alert)),
  };
}
