/** passbridge in three processes between a Redis of its own, the sandbox and a real Prometheus. */

import { once } from 'node:events';
import { expect } from 'vitest';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeDashboardService, printed, type Running } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startServer } from '../support/redis-servers.ts';
import { readRules } from './alert-rules.ts';
import { hastened, startPrometheus } from './prometheus-server.ts';

export type World = Awaited<ReturnType<typeof openWorld>>;
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
    source: { file: nobody.csv }
    cron: '30 3 1 1 *'
    missed: ask
`;

/** Voucher codes from one number to another, one a line. */
export function codes(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, index) => `CODE-${from + index}\n`).join('');
}

/** `instead`: see `hastened`. */
export async function openWorld(instead: Parameters<typeof hastened>[1]) {
  const redis = await startServer();
  const service = await makeDashboardService({ latencyMs: 5 });
  Object.assign(service.env, {
    REDIS_URL: `redis://${redis.place}`,
    PROGRAMS_FILE: 'programs.yaml',
    RETRY_DELAYS: '0.1,0.1,0.1',
    PAUSE_AT_FAILURES: '0',
  });
  await service.write('codes.txt', codes(1, 150));
  await service.write('programs.yaml', programs);

  const ports = { web: await freePort(), worker: await freePort(), feeder: await freePort() };
  const processes: Partial<Record<Role, Running>> = {};
  const launch = async (role: Role) => {
    const port = String(ports[role]);
    const running = service.start(
      ['up', '--role', role],
      role === 'web' ? { PORT: port } : { METRICS_PORT: port },
    );
    processes[role] = running;
    await printed(running, /is up/);
  };
  await Promise.all((['web', 'worker', 'feeder'] as const).map(launch));
  const targets = Object.values(ports).map((port) => `127.0.0.1:${port}`);
  const prometheus = await startPrometheus(targets, hastened(readRules(), instead));

  const child = (role: Role) => processes[role]!.child;
  let customers = 0;
  return {
    ...service,
    redis,
    ...prometheus,
    keys: makeLedgerKeys(service.env['QUEUE_PREFIX'] ?? ''),
    launch,
    child,
    async kill(role: Role): Promise<void> {
      const exited = once(child(role), 'exit');
      child(role).kill('SIGKILL');
      await exited;
    },
    /** When a process began, as Prometheus knows. */
    startOf: (role: Role) =>
      prometheus.value(`process_start_time_seconds{instance="127.0.0.1:${ports[role]}"}`),
    /** Begins a campaign over so many customers who have no card yet; its id. */
    async issue(count: number, ...more: string[]): Promise<string> {
      customers += count;
      const [header, ...rows] = goodCustomers(customers).trimEnd().split('\n');
      const file = `export-${customers}.csv`;
      await service.write(file, `${[header, ...rows.slice(-count)].join('\n')}\n`);
      const program = more.includes('gift') ? 'gift' : 'loyalty';
      const flags = more.filter((each) => each !== 'gift');
      const { code, stdout, stderr } = await service.run(['issue', program, file, '--detach', ...flags]);
      expect([code, stderr]).toEqual([0, expect.anything()]);
      return /^(\S+): started/m.exec(stdout)?.[1] ?? '';
    },
    fires: (alert: string) =>
      eventually(async () => expect(await prometheus.dueRun()).toContain(alert), 30_000),
    isQuietOf: (alert: string) =>
      eventually(async () => expect(await prometheus.dueRun()).not.toContain(alert), 30_000),
  };
}
