/** What goes wrong so that each alert fires; one after the other, each mended where others come after it. */

import { clear, script, startAnew, starve, tokenFor } from './fault-injection.ts';
import { codes, programs, type World } from './watched-world.ts';

export interface Fault {
  /** What happens. */
  what: string;
  /** The alerts that it makes fire. */
  fires: readonly string[];
  strike: (world: World) => Promise<unknown>;
  mend?: (world: World) => Promise<unknown>;
}

const DAY_MS = 24 * 3_600_000;

export const faults: readonly Fault[] = [
  {
    what: 'a campaign draws voucher codes until few are left',
    fires: ['PassbridgeVouchersLow'],
    strike: (world) => world.issue(100, 'gift'),
  },
  {
    what: 'another one draws the last',
    fires: ['PassbridgeVouchersEmpty'],
    strike: (world) => world.issue(60, 'gift'),
    mend: (world) => world.write('codes.txt', codes(1, 999)),
  },
  {
    what: 'the programs file is broken',
    fires: ['PassbridgeProgramsRefused'],
    strike: (world) => world.write('programs.yaml', programs.replace('card: gift', 'card: none')),
    mend: (world) => world.write('programs.yaml', programs),
  },
  {
    what: 'a canary has ended, and nobody looks',
    fires: ['PassbridgeCampaignHeld'],
    strike: (world) => world.issue(5, '--canary', '1'),
  },
  {
    what: 'nothing ran on New Year’s Day',
    fires: ['PassbridgeScheduleAsks'],
    strike: ({ redis, keys }) =>
      redis.redis.hset(keys.schedule('yearly'), 'through', Date.now() - 400 * DAY_MS),
  },
  {
    what: 'a worker is given a token that ends in half an hour',
    fires: ['PassbridgeTokenEnds'],
    async strike(world) {
      const pair = { PASSMACHINE_PUBLIC_TOKEN: undefined, PASSMACHINE_SECRET_TOKEN: undefined };
      const worker = world.start(['up', '--role', 'worker'], { ...pair, PASSMACHINE_TOKEN: tokenFor(1800) });
      await world.fires('PassbridgeTokenEnds');
      worker.child.kill('SIGTERM');
      await worker.ended;
    },
  },
  {
    what: 'Passmachine takes neither the token nor the credentials',
    fires: ['PassbridgeTokenRejected'],
    async strike(world) {
      script(world, 'authenticate:401');
      world.sandbox.revokeTokens();
      await world.issue(5);
    },
    mend: clear,
  },
  {
    what: 'Passmachine answers 503',
    fires: ['PassbridgePassmachineDown', 'PassbridgePassmachineFails'],
    async strike(world) {
      world.sandbox.setOutage('passmachine', 'refuse');
      await world.issue(60);
    },
    mend: clear,
  },
  {
    what: 'Passmachine refuses every card',
    fires: ['PassbridgeFailuresRise'],
    async strike(world) {
      script(world, 'create:422');
      await world.issue(60);
    },
    mend: clear,
  },
  {
    what: 'Passmachine takes long',
    fires: ['PassbridgeOldestJob'],
    async strike(world) {
      world.sandbox.setLatency({ latencyMs: 400, jitterMs: 0 });
      await world.issue(150);
    },
    mend: clear,
  },
  {
    what: 'Passmachine takes calls and never answers',
    fires: ['PassbridgeQueueStands', 'PassbridgeUnknownOutcomes'],
    async strike(world) {
      script(world, 'create:hang-after');
      await world.issue(30);
    },
    mend: clear,
  },
  {
    what: 'Bloomreach answers 503',
    fires: ['PassbridgeBloomreachFails', 'PassbridgeWritebackLate'],
    async strike(world) {
      world.sandbox.setOutage('bloomreach', 'refuse');
      await world.issue(10);
    },
    mend: clear,
  },
  {
    what: 'Bloomreach refuses what is written back',
    fires: ['PassbridgeWritebacksRefused'],
    async strike(world) {
      script(world, 'command:refuse');
      await world.issue(10);
    },
    mend: clear,
  },
  {
    what: 'a worker gets no CPU',
    fires: ['PassbridgeEventLoopLags'],
    strike: (world) => starve(world, 'worker', 'PassbridgeEventLoopLags'),
  },
  {
    what: 'Redis may use hardly more than it has',
    fires: ['PassbridgeRedisNearlyFull'],
    async strike({ redis: { redis } }) {
      const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
      await redis.config('SET', 'maxmemory', Math.ceil(used * 1.1));
    },
    mend: ({ redis: { redis } }) => redis.config('SET', 'maxmemory', 0),
  },
  {
    what: 'a worker is killed and started again, twice',
    fires: ['PassbridgeRestarts'],
    async strike(world) {
      await startAnew(world, 'worker');
      await startAnew(world, 'worker');
    },
  },
  {
    what: 'Passmachine asks to wait for two minutes',
    fires: ['PassbridgePassmachineWaits'],
    async strike(world) {
      script(world, 'create:429+120');
      await world.issue(3000);
    },
  },
  {
    what: 'the worker and the feeder are killed in the middle of a campaign',
    fires: ['PassbridgeProcessDown', 'PassbridgeNoWorker', 'PassbridgeNoFeeder'],
    strike: (world) => Promise.all([world.kill('worker'), world.kill('feeder')]),
  },
  {
    what: 'Redis is stopped',
    fires: ['PassbridgeRedisDown'],
    strike: ({ redis }) => redis.kill(),
  },
  {
    what: 'nothing is left running',
    fires: ['PassbridgeGone'],
    strike: (world) => world.kill('web'),
  },
];

/** Thresholds that would take an hour to reach. The restarts are looked back on for longer than the rest. */
export const thresholds: Record<string, readonly [from: string, to: string]> = {
  PassbridgeOldestJob: ['> 3600', '> 1'],
  PassbridgeWritebackLate: ['> 300', '> 2'],
  PassbridgeEventLoopLags: ['> 0.5', '> 0.1'],
  PassbridgeRestarts: ['[30m]) > 3', '[60s]) > 1'],
};
