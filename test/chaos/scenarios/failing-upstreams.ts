/** Passmachine and Bloomreach with many faults and outages; passbridge's own processes stay up. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Side } from '../../../src/sandbox/call.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { sleep } from '../../../src/kit/clock.ts';
import { MAX_IN_FLIGHT, type Scenario, type Size } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';

interface Load {
  rows: number;
  outageMs: number;
  revokeEveryMs: number;
}

const loads: Readonly<Record<Size, Load>> = {
  short: { rows: 600, outageMs: 4000, revokeEveryMs: 5000 },
  full: { rows: 8000, outageMs: 180_000, revokeEveryMs: 120_000 },
};

const RETRY_AFTER_S = 1;
const faults = [
  `create:429+${RETRY_AFTER_S}@2%`,
  'create:hang-after@1%',
  'create:reset-before@1%',
  'create:broken-json@1%',
  // The card is made and the answer is an error: a retry would make a second one.
  ...['500-after', '502-after', '503-after', 'html-after', 'truncated-2xx'].map(
    (fault) => `create:${fault}@1%`,
  ),
];
/** Share of creates that hang, break or are answered with an error after they were sent (8 %), with a margin for chance. */
const MAX_UNKNOWN_SHARE = 0.11;

const PROCESSES = 2;
/** Attempts that the calls in flight at the start of the outage may use: on a busy machine too few fail to open the breaker at once. */
const maxAttemptsUsed: Readonly<Record<Size, number>> = { short: MAX_IN_FLIGHT, full: 0 };
/**
 * The time to work off the backlog, as a multiple of the time that ten calls at a time and the pauses need, compared with
 * the same figure before the outage: that is what this machine can do. The pauses are those requested by 429 responses,
 * and those of creates after trials that were answered with one of the faults above: how many fail is chance.
 */
const MAX_SLOWDOWN = 1.2;
/** When trials of creates that fail start, ms after the first: see `create-doubts.ts`. A longer pause counts as slowness. */
const TRIALS_AT_MS = [0, 5000, 20_000, 65_000, 200_000];
/** Breakers are logged as often as the processes report their state. */
const LOG_PRECISION_MS = 1000;

export const failingUpstreams: Scenario = {
  name: 'failing upstreams',
  description:
    '2 % 429 with Retry-After, 1 % each: hang after applying, reset before applying, broken JSON, and 500, 502, 503, ' +
    'an HTML page and a truncated answer after applying; ' +
    'the token revoked every 2 minutes, each upstream down for 3 minutes',
  // The attempts are counted in the lines of single jobs.
  testbed: { env: { PASSMACHINE_TIMEOUT_MS: '3000', LOG_LEVEL: 'debug' } },
  alone: true,
  processes: PROCESSES,
  async play(testbed, size) {
    const { rows, outageMs, revokeEveryMs } = loads[size];
    const { sandbox } = testbed;
    testbed.addFaults(...faults);
    const revoking = setInterval(sandbox.revokeTokens, revokeEveryMs);
    try {
      const id = await testbed.startCampaign(rows);
      await sleep(outageMs / 6 + 2000);
      const before = { from: firstCallAt(sandbox), to: sandbox.witness.now() };
      await injectOutage(sandbox, 'passmachine', outageMs);
      const backlog = waitForBacklog(testbed, id);
      await injectOutage(sandbox, 'bloomreach', outageMs);
      await testbed.waitForEnd(id, 900_000);

      const log = await readLog(testbed);
      const pauses = createPauses(log);
      const control = timeRatio(sandbox, before, pauses);
      const ratio = timeRatio(sandbox, await backlog, pauses);
      const used = attemptsUsedByOutage(log);
      const problems = [
        ...(size === 'full' && ratio > MAX_SLOWDOWN * control
          ? [
              `working off the backlog took ${(ratio / control).toFixed(2)} × as long as the same work before the outage`,
            ]
          : []),
        ...(used > maxAttemptsUsed[size] ? [`the outage used ${used} attempts`] : []),
      ];
      const figures = {
        'backlog worked off in': `${ratio.toFixed(2)} × the time required, ${control.toFixed(2)} × before the outage`,
        'attempts used by the outage': String(used),
      };
      // The injected faults, and the calls in flight when Passmachine went down.
      const maxUnknown = Math.ceil(rows * MAX_UNKNOWN_SHARE) + MAX_IN_FLIGHT;
      return { id, rows, kills: 0, maxUnknown, figures, problems };
    } finally {
      clearInterval(revoking);
    }
  },
};

interface Span {
  from: number;
  to: number;
}

async function injectOutage({ setOutage }: Sandbox, side: Side, ms: number): Promise<void> {
  setOutage(side, 'refuse');
  await sleep(ms);
  setOutage(side, 'off');
}

/** Returns the time from now until no row is pending. */
async function waitForBacklog({ sandbox, campaign }: Testbed, id: string): Promise<Span> {
  const from = sandbox.witness.now();
  while ((await campaign(id)).pending > 0) await sleep(100);
  return { from, to: sandbox.witness.now() };
}

/**
 * Returns the length of the span, divided by the time required: the duration of the calls, ten at a time, plus the time in
 * which a 429 response or a failed trial had paused the creates.
 */
function timeRatio({ witness }: Sandbox, { from, to }: Span, trialPauses: readonly Span[]): number {
  const calls = witness.entries().filter(({ at, side }) => at >= from && at <= to && side === 'passmachine');
  const callMs = calls.reduce((sum, { ms = 0 }) => sum + ms, 0) / MAX_IN_FLIGHT;
  const gates = calls
    .filter(({ status }) => status === 429)
    .map(({ at, ms = 0 }) => ({ from: at + ms, to: at + ms + RETRY_AFTER_S * 1000 }));
  const pauses = trialPauses.filter((pause) => pause.from >= from && pause.to <= to);
  return (to - from) / (callMs + coveredMs([...gates, ...pauses]));
}

function firstCallAt({ witness }: Sandbox): number {
  return witness.entries().find(({ side }) => side === 'passmachine')?.at ?? witness.now();
}

/** Returns the length of the union of the spans. */
function coveredMs(spans: readonly Span[]): number {
  let sum = 0;
  let end = 0;
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return sum;
}

interface LogLine {
  time: string;
  pid: number;
  event: string;
  outcome?: string;
  status?: number;
  onlyCreates?: boolean;
}

async function readLog({ folder }: Testbed): Promise<LogLine[]> {
  const logs = await Promise.all(
    Array.from({ length: PROCESSES }, (_, n) => readFile(join(folder, `worker-${n + 1}.log`), 'utf8')),
  );
  return logs
    .flatMap((log) => log.split('\n'))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine);
}

/** Returns when a process admitted no create because a trial had failed, without what the pauses took too long. */
function createPauses(log: readonly LogLine[]): Span[] {
  const openedAt = new Map<number, number>();
  const pauses: Span[] = [];
  for (const { time, pid, event, onlyCreates } of log) {
    const at = Date.parse(time);
    const from = openedAt.get(pid);
    if (event === 'breaker.opened' && onlyCreates === true) openedAt.set(pid, at);
    else if (event === 'breaker.closed') {
      if (from !== undefined) pauses.push({ from, to: from + intendedMs(at - from) });
      openedAt.delete(pid);
    }
  }
  return pauses;
}

/** Returns the longest pause that is intended and fits into one of that length. */
function intendedMs(pauseMs: number): number {
  return TRIALS_AT_MS.findLast((ms) => ms <= pauseMs + LOG_PRECISION_MS) ?? 0;
}

/** Counts attempts that ended with 503, a status that only the outage returns. */
function attemptsUsedByOutage(log: readonly LogLine[]): number {
  return log.filter(({ event, outcome, status }) => event === 'job' && outcome === 'retry' && status === 503)
    .length;
}
