/** Runs one world and returns its history. */

import { finalStates } from '../../src/domain/jobs/outcome.ts';
import type { FinalState } from '../../src/domain/jobs/outcome.ts';
import { PASS_ID_ATTRIBUTE } from '../../src/domain/jobs/pass-job.ts';
import type { CampaignOrder } from '../../src/domain/campaigns/campaign.ts';
import type { Source } from '../../src/domain/campaigns/source-row.ts';
import { makeCampaignLedger } from '../../src/ledger/campaigns/campaign-ledger.ts';
import { makeCampaignSwitch } from '../../src/ledger/campaigns/campaign-switch.ts';
import { makeVouchers } from '../../src/ledger/campaigns/vouchers.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import type { Dated, History, HistoryEvent } from './history.ts';
import { makeRandom } from './random.ts';
import type { RedisServer } from './redis-server.ts';
import { type Owner, makeScheduler, type Scheduler } from './scheduler.ts';
import { makeSimulatedProgram } from './simulated-program.ts';
import { readRowEnds } from './row-ends.ts';
import { makeVirtualBloomreach } from './virtual/bloomreach.ts';
import { virtualGlobals } from './virtual/globals.ts';
import { makeVirtualPassmachine } from './virtual/passmachine.ts';
import { startVirtualProcess } from './virtual/process.ts';
import { makeVirtualQueue } from './virtual/queue.ts';
import { makeVirtualRedis, type VirtualConnection } from './virtual/redis.ts';
import { type CampaignSpec, FIRST_WITH_CARD, type WorldSpec } from './world-spec.ts';

const PREFIX = '{world}';
const STARTED_AT = Date.UTC(2027, 0, 1);
/** Upstreams and processes are disturbed for this long; then everything must come to an end, ms. */
const DISTURBED_MS = 60_000;
const LIMIT_MS = 20 * 60_000;
/** How often the world checks whether everything has ended. */
const CHECK_MS = 500;
/** A late answer needs a moment to be recorded. */
const QUIET_CHECKS = 3;

interface LiveProcess extends Owner {
  connection: VirtualConnection;
  /** How far the clock of its host is off, ms. */
  skewMs: number;
}

export interface Played {
  history: History;
  /** Errors that passbridge does not expect. */
  bugs: string[];
  events: number;
}

export async function playWorld(server: RedisServer, spec: WorldSpec): Promise<Played> {
  const random = makeRandom(spec.seed ^ 0x5eed);
  const scheduler = makeScheduler(STARTED_AT);
  const { events, record } = makeRecorder(scheduler);
  const bugs: string[] = [];
  const keys = makeLedgerKeys(PREFIX);
  const processes: LiveProcess[] = [];
  const isDisturbed = () => scheduler.now() - STARTED_AT < DISTURBED_MS;
  const upstream = { scheduler, random, record, troubleShare: () => (isDisturbed() ? spec.troubleShare : 0) };
  const passmachine = makeVirtualPassmachine(upstream);
  const bloomreach = makeVirtualBloomreach(upstream);
  const queue = makeVirtualQueue(scheduler.now);

  const recordCounters = async (campaign: string) => {
    const [counts, settled] = await Promise.all([
      redis.call('hmget', [keys.campaign(campaign), 'rows', ...finalStates]),
      redis.call('bitcount', [keys.settled(campaign)]),
    ]);
    const [read, ...states] = (counts as (string | null)[]).map(Number);
    record({
      kind: 'counters',
      campaign,
      read: read ?? 0,
      settled: settled as number,
      states: Object.fromEntries(finalStates.map((state, nth) => [state, states[nth] ?? 0])) as Record<
        FinalState,
        number
      >,
    });
  };

  const redis = makeVirtualRedis({
    server,
    scheduler,
    random,
    async onExecuted(name, owner) {
      record({ kind: 'command', process: owner.name, name });
      if (name !== 'settleJob' && name !== 'settleJobLate' && name !== 'acceptRows') return;
      for (const { id } of spec.campaigns) await recordCounters(id);
    },
  });
  await redis.reset();

  const uninstall = virtualGlobals({
    scheduler,
    random,
    // A poll that comes later than planned finds more to do, and the world has fewer events.
    lateness: (ms) => (ms >= 100 && ms <= 250 ? random.int(0, 800) : random.next() * 2),
    hostClock: () => scheduler.now() + (processes.find((one) => one === scheduler.owner())?.skewMs ?? 0),
  });

  const start = async (nth: number) => {
    const owner: LiveProcess = {
      name: `p${nth}`,
      isDead: false,
      suspendedUntil: 0,
      skewMs: 0,
      connection: undefined as unknown as VirtualConnection,
    };
    owner.connection = redis.connect(owner);
    processes.push(owner);
    scheduler.at(scheduler.now() + random.next() * 20, owner, () =>
      startVirtualProcess({
        name: owner.name,
        keys,
        prefix: PREFIX,
        connection: owner.connection,
        queue,
        passmachineHttp: passmachine.clientOf(owner),
        bloomreachHttp: bloomreach.clientOf(owner),
        program: makeSimulatedProgram(spec.hasVouchers),
        sourceOf: (id) => sourceOf(spec.campaigns.find((campaign) => campaign.id === id)!),
        campaigns: spec.campaigns.map(({ id }) => id),
        cap: spec.cap,
        clock: () => Math.floor(scheduler.now()),
        random: random.next,
        onBug: (error) =>
          void bugs.push(error instanceof Error ? (error.stack ?? error.message) : String(error)),
      }),
    );
  };

  const disturb = (nth: number, owner: Owner | undefined) => {
    for (const { kind, ms } of spec.faults.filter(({ atEvent }) => atEvent === nth)) {
      const process = processes.find((one) => one === owner) ?? processes.find(({ isDead }) => !isDead);
      if (process === undefined || process.isDead || !isDisturbed()) continue;
      record({ kind: 'fault', process: process.name, fault: `${kind} ${ms}` });
      switch (kind) {
        case 'crash':
          process.isDead = true;
          process.connection.abandon();
          scheduler.at(scheduler.now() + ms, undefined, () => start(processes.length + 1));
          break;
        case 'suspend':
          process.suspendedUntil = Math.max(process.suspendedUntil, scheduler.now() + ms);
          break;
        case 'disconnect':
          process.connection.breakFor(ms);
          break;
        case 'clock-jump':
          process.skewMs += ms;
      }
    }
  };

  const operator: Owner = { name: 'operator', isDead: false, suspendedUntil: 0 };
  /** A process that was cut off or suspended may still bring an answer. */
  const isRecovered = () =>
    processes.every(
      (one) => one.isDead || (one.suspendedUntil < scheduler.now() && !one.connection.isDown()),
    );
  let quietChecks = 0;
  let isOver = false;
  const checkEnd = async () => {
    const [waiting, ...statuses] = await Promise.all([
      redis.call('zcard', [keys.outboxDue]),
      ...spec.campaigns.map(({ id }) =>
        redis.call('hmget', [keys.campaign(id), 'rows', 'fed', ...finalStates]),
      ),
    ]);
    const isQuiet =
      waiting === 0 && isRecovered() && statuses.every((counts) => isEnded(counts as (string | null)[]));
    quietChecks = isQuiet ? quietChecks + 1 : 0;
    isOver = quietChecks > QUIET_CHECKS;
    if (!isOver) scheduler.at(scheduler.now() + CHECK_MS, undefined, checkEnd);
  };

  let happened = 0;
  try {
    const { redis: direct } = redis.connect(operator);
    const ledger = makeCampaignLedger(direct, keys);
    const halts = makeCampaignSwitch(direct, keys);
    for (const campaign of spec.campaigns) {
      scheduler.at(
        STARTED_AT + campaign.startsAt,
        operator,
        () => void ledger.create(orderOf(campaign, spec)),
      );
    }
    if (spec.hasVouchers) {
      const codes = Array.from({ length: 200 }, (_, nth) => `code-${nth + 1}`);
      scheduler.at(STARTED_AT, operator, () => void makeVouchers(direct, keys).add('pool', codes));
    }
    const [first] = spec.campaigns;
    if (spec.pause !== undefined && first !== undefined) {
      const { at, ms } = spec.pause;
      const why = { kind: 'operator', reason: '', by: 'operator', at: 0 } as const;
      scheduler.at(STARTED_AT + at, operator, async () => {
        void halts
          .halt(first.id, 'paused', why)
          .then((to) => to === 'paused' && record({ kind: 'halted', campaign: first.id }));
      });
      scheduler.at(STARTED_AT + at + ms, operator, () => {
        record({ kind: 'resumed', campaign: first.id });
        void halts.resume(first.id);
      });
    }
    for (let nth = 1; nth <= spec.processes; nth += 1) await start(nth);
    scheduler.at(STARTED_AT + CHECK_MS, undefined, checkEnd);
    await scheduler.run({
      isOver: () => isOver || bugs.length > 0,
      until: STARTED_AT + LIMIT_MS,
      before: (nth, owner) => {
        happened = nth;
        disturb(nth, owner);
      },
    });
  } finally {
    uninstall();
  }
  const rows = await readRowEnds(server, keys, spec.campaigns);
  const creates = spec.campaigns.filter(({ action }) => action !== 'notify');
  return {
    history: {
      events,
      rows,
      saved: bloomreach.saved(),
      cap: spec.cap,
      notificationLimit: spec.notificationLimit,
      cardsPerCustomer: 1 + creates.filter(({ action }) => action === 'reissue').length,
    },
    bugs,
    events: happened,
  };
}

/** `counts`: the rows, whether the source is read to its end, and the rows in each final state. */
function isEnded(counts: readonly (string | null)[]): boolean {
  const [read, fed, ...states] = counts.map(Number);
  return fed === 1 && states.reduce((sum, count) => sum + count, 0) >= (read ?? 0);
}

function makeRecorder(scheduler: Scheduler) {
  const events: Dated[] = [];
  return {
    events,
    record: (event: HistoryEvent) => void events.push({ at: scheduler.now() - STARTED_AT, ...event }),
  };
}

function orderOf({ id, action }: CampaignSpec, { notificationLimit: max }: WorldSpec): CampaignOrder {
  return {
    id,
    program: 'loyalty',
    action,
    source: { kind: 'file', path: `/${id}.csv`, fingerprint: { size: 1, mtimeMs: 1 } },
    createdAt: STARTED_AT,
    ...(action === 'notify' && { text: id }),
    ...(max !== undefined &&
      action === 'notify' && { guards: { notificationLimit: { max, overLimit: 'skip' } } }),
  };
}

function sourceOf({ customers, action }: CampaignSpec): Source {
  return {
    async *rows({ after = 0, signal } = {}) {
      const rest = customers.map((number, index) => ({ number, row: index + 1 })).slice(after);
      for (let from = 0; from < rest.length; from += 7) {
        if (signal?.aborted === true) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield rest.slice(from, from + 7).map(({ number, row }) => ({
          ok: true as const,
          number: row,
          customer: {
            ids: { registered: `c${number}` },
            attributes: {
              row: String(row),
              ...(number > FIRST_WITH_CARD && { [PASS_ID_ATTRIBUTE]: `old-${number}` }),
              ...(action === 'reissue' && { [PASS_ID_ATTRIBUTE]: `old-${number}` }),
            },
          },
        }));
      }
    },
  };
}
