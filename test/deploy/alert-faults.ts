/** A fault for each alert, injected one after the other; each is repaired if later faults need a healthy system. */

import { rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { rowJobId } from '../../src/domain/jobs/job-id.ts';
import { makeJobLedger } from '../../src/ledger/jobs/job-ledger.ts';
import { makeLimiterKeys } from '../../src/limiter/limiter-keys.ts';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';
import { eventually } from '../support/eventually.ts';
import { makeQueued } from '../support/make.ts';
import { codes, type MonitoredSystem, programs, type Role } from './monitored-system.ts';

export interface Fault {
  /** Completes the sentence "the alert fires because …". */
  cause: string;
  /** The alerts that it triggers. */
  fires: readonly string[];
  inject: (system: MonitoredSystem) => Promise<unknown>;
  repair?: (system: MonitoredSystem) => Promise<unknown>;
}

const DAY_MS = 24 * 3_600_000;

export const faults: readonly Fault[] = [
  {
    cause: 'a campaign draws voucher codes until few are left',
    fires: ['PassbridgeVouchersLow'],
    inject: (system) => system.issue(100, 'gift'),
  },
  {
    cause: 'another campaign draws the last voucher code',
    fires: ['PassbridgeVouchersEmpty'],
    inject: (system) => system.issue(60, 'gift'),
    repair: (system) => system.write('codes.txt', codes(1, 999)),
  },
  {
    cause: 'the programs file is invalid',
    fires: ['PassbridgeProgramsFileInvalid'],
    inject: (system) => system.write('programs.yaml', programs.replace('card: gift', 'card: none')),
    repair: (system) => system.write('programs.yaml', programs),
  },
  {
    cause: 'a .env with another setting appears',
    fires: ['PassbridgeSettingsChanged'],
    inject: (system) => system.write('.env', 'CONFIRM_ABOVE=1\n'),
    repair: (system) => rm(join(system.folder, '.env')),
  },
  {
    cause: 'a canary has ended and awaits an operator',
    fires: ['PassbridgeCampaignHeld'],
    inject: (system) => system.issue(5, '--canary', '1'),
  },
  {
    cause: 'the file of a resumed campaign cannot be opened',
    fires: ['PassbridgeCampaignUnreadable'],
    async inject(system) {
      const id = await system.issue(5, '--canary', '1');
      const campaign = system.keys.campaign(id);
      await eventually(async () => expect(await system.redis.redis.hget(campaign, 'status')).toBe('held'));
      const order = JSON.parse((await system.redis.redis.hget(campaign, 'order')) ?? '') as {
        source: { path: string };
      };
      const { path } = order.source;
      await rename(path, `${path}.away`);
      await symlink(path, path);
      expect(await system.run(['resume', id, '--detach'])).toMatchObject({ code: 0 });
    },
  },
  {
    cause: 'the answer to a lost create brings a second card',
    fires: ['PassbridgeSecondCards'],
    async inject({ redis, keys, issue }) {
      const campaign = await issue(1);
      await eventually(async () => expect(await redis.redis.hget(keys.campaign(campaign), 'done')).toBe('1'));
      const { settle } = makeJobLedger(redis.redis, keys, { cardTtlMs: DAY_MS, clock: Date.now });
      const job = { ...makeQueued(1), id: rowJobId(campaign, 1), campaign };
      const card = { passId: 'second', issuedAt: 1 };
      expect(await settle(job, { state: 'done', card })).toMatchObject({ kind: 'second-card' });
    },
  },
  {
    cause: 'the run on New Year’s Day was missed',
    fires: ['PassbridgeScheduleMissedRuns'],
    inject: ({ redis, keys }) =>
      redis.redis.hset(keys.schedule('yearly'), 'through', Date.now() - 400 * DAY_MS),
  },
  {
    cause: 'a worker has a token that expires in 30 minutes',
    fires: ['PassbridgeTokenExpiring'],
    inject(system) {
      const pair = { PASSMACHINE_PUBLIC_TOKEN: undefined, PASSMACHINE_SECRET_TOKEN: undefined };
      return system.addWorker({ ...pair, PASSMACHINE_TOKEN: tokenFor(1800) });
    },
    repair: (system) => system.removeWorker(),
  },
  {
    cause: 'Passmachine rejects the token and the credentials',
    fires: ['PassbridgeTokenRejected'],
    async inject(system) {
      script(system, 'authenticate:401');
      system.sandbox.revokeTokens();
      await system.issue(5);
    },
    // Until a call succeeds, the worker makes too few calls to find Passmachine down.
    async repair(system) {
      await clear(system);
      await system.waitUntilResolved('PassbridgeTokenRejected');
    },
  },
  {
    cause: 'Passmachine answers 503',
    fires: ['PassbridgePassmachineDown', 'PassbridgePassmachineErrors'],
    async inject(system) {
      system.sandbox.setOutage('passmachine', 'refuse');
      await system.issue(60);
    },
    repair: clear,
  },
  {
    cause: 'Passmachine rejects every card',
    fires: ['PassbridgeFailureRate'],
    async inject(system) {
      script(system, 'create:422');
      await system.issue(60);
    },
    repair: clear,
  },
  {
    cause: 'Passmachine is slow',
    fires: ['PassbridgeQueueDelay'],
    async inject(system) {
      system.sandbox.setLatency({ latencyMs: 400, jitterMs: 0 });
      await system.issue(150);
    },
    repair: clear,
  },
  {
    cause: 'Passmachine accepts calls and never answers',
    fires: ['PassbridgeQueueStalled', 'PassbridgeUnknownOutcomes'],
    async inject(system) {
      script(system, 'create:hang-after');
      await system.issue(30);
    },
    repair: clear,
  },
  {
    cause: 'Bloomreach answers 503',
    fires: ['PassbridgeBloomreachErrors', 'PassbridgeWritebackLate'],
    async inject(system) {
      system.sandbox.setOutage('bloomreach', 'refuse');
      await system.issue(10);
    },
    repair: clear,
  },
  {
    cause: 'Redis evicts write-backs before Bloomreach accepts them',
    fires: ['PassbridgeWritebacksLost'],
    async inject(system) {
      const { sandbox, redis, keys, firing } = system;
      sandbox.setOutage('bloomreach', 'refuse');
      await system.issue(10);
      // A batch in flight is stored again when it fails.
      await eventually(async () => {
        await redis.redis.del(keys.outbox);
        expect(await firing()).toContain('PassbridgeWritebacksLost');
      });
    },
    repair: clear,
  },
  {
    cause: 'Bloomreach rejects the write-backs',
    fires: ['PassbridgeWritebacksRejected'],
    async inject(system) {
      script(system, 'command:refuse');
      await system.issue(10);
    },
    repair: clear,
  },
  {
    cause: 'a dead entry in Redis holds all permits',
    fires: ['PassbridgeCallsStalled'],
    async inject(system) {
      const { redis } = system.redis;
      // It wants more than it holds, so the worker returns the permits that it has left.
      await redis.hset(permitsOf(system), 'frozen', `10 0 11 ${Date.now() + DAY_MS}`);
      await eventually(async () => {
        const { frozen: _, ...others } = await redis.hgetall(permitsOf(system));
        for (const entry of Object.values(others)) expect(entry).toMatch(/^0 /);
      });
      await system.issue(5);
    },
    repair: (system) => system.redis.redis.hdel(permitsOf(system), 'frozen'),
  },
  {
    cause: 'a worker is starved of CPU',
    fires: ['PassbridgeEventLoopLag'],
    inject: (system) => starve(system, 'worker', 'PassbridgeEventLoopLag'),
  },
  {
    cause: 'Redis is close to its memory limit',
    fires: ['PassbridgeRedisNearlyFull'],
    async inject({ redis: { redis } }) {
      const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
      await redis.config('SET', 'maxmemory', Math.ceil(used * 1.1));
    },
    repair: ({ redis: { redis } }) => redis.config('SET', 'maxmemory', 0),
  },
  {
    cause: 'a worker is killed and restarted twice',
    fires: ['PassbridgeProcessRestarting'],
    async inject(system) {
      await restart(system, 'worker');
      await restart(system, 'worker');
    },
  },
  {
    cause: 'Passmachine asks for a pause of two minutes',
    fires: ['PassbridgePassmachineRateLimited'],
    async inject(system) {
      script(system, 'create:429+120');
      await system.issue(3000);
    },
  },
  {
    cause: 'the worker and the feeder are killed in the middle of a campaign',
    fires: ['PassbridgeProcessDown', 'PassbridgeNoWorker', 'PassbridgeNoFeeder'],
    inject: (system) => Promise.all([system.kill('worker'), system.kill('feeder')]),
  },
  {
    cause: 'all keys in Redis were deleted',
    fires: ['PassbridgeStoreRestored'],
    inject: ({ redis }) => redis.redis.flushall(),
  },
  {
    cause: 'Redis is stopped',
    fires: ['PassbridgeRedisDown'],
    inject: ({ redis }) => redis.kill(),
  },
  {
    cause: 'no process is running',
    fires: ['PassbridgeAbsent'],
    inject: (system) => system.kill('web'),
  },
];

/** Replacements of thresholds that would take too long to reach. Restarts need a longer window than other alerts. */
export const thresholds: Record<string, readonly [from: string, to: string]> = {
  PassbridgeCallsStalled: ['>= 30', '>= 5'],
  PassbridgeQueueDelay: ['> 3600', '> 1'],
  PassbridgeWritebackLate: ['> 300', '> 2'],
  PassbridgeEventLoopLag: ['> 0.5', '> 0.1'],
  PassbridgeProcessRestarting: ['[30m]) > 3', '[60s]) > 1'],
};

function permitsOf({ env }: MonitoredSystem): string {
  return makeLimiterKeys(env['QUEUE_PREFIX'] ?? '').permits;
}

/** Adds a fault rule to the sandbox. */
function script({ sandbox }: MonitoredSystem, text: string): void {
  const parsed = parseFaultRule(text);
  if (!parsed.ok) throw new Error(parsed.error);
  sandbox.faults.add(parsed.rule);
}

/** Removes all faults of Passmachine and Bloomreach. */
async function clear({ sandbox }: MonitoredSystem): Promise<void> {
  sandbox.faults.clear();
  sandbox.setOutage('passmachine', 'off');
  sandbox.setOutage('bloomreach', 'off');
  sandbox.setLatency({ latencyMs: 5, jitterMs: 0 });
}

/** Returns an unsigned JSON Web Token that expires in this many seconds. */
function tokenFor(seconds: number): string {
  const parts = [{ alg: 'HS256' }, { exp: Math.floor(Date.now() / 1000) + seconds }];
  const encoded = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return [...encoded, 'none'].join('.');
}

/** Stops a process most of the time, until the alert fires. */
async function starve(system: MonitoredSystem, role: Role, alert: string): Promise<void> {
  const child = system.child(role);
  for (let cycle = 0; cycle < 100; cycle += 1) {
    child.kill('SIGSTOP');
    await delay(150);
    child.kill('SIGCONT');
    await delay(50);
    if (cycle % 5 === 0 && (await system.firing()).includes(alert)) return;
  }
}

/** Kills and restarts a process; waits until Prometheus has scraped the new one. */
async function restart(system: MonitoredSystem, role: Role): Promise<void> {
  const before = await system.startTimeOf(role);
  await system.kill(role);
  await system.launch(role);
  await eventually(async () => {
    const now = await system.startTimeOf(role);
    expect(now).toBeDefined();
    expect(now).not.toBe(before);
  }, 20_000);
}
