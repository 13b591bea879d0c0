/** Both companies at their worst, and passbridge's processes in good health. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Side } from '../../../src/sandbox/call.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import type { Scenario, Size } from '../scenario.ts';
import type { World } from '../world.ts';

interface Course {
  rows: number;
  outageMs: number;
  revokeEveryMs: number;
}

const courses: Readonly<Record<Size, Course>> = {
  short: { rows: 600, outageMs: 4000, revokeEveryMs: 5000 },
  full: { rows: 8000, outageMs: 180_000, revokeEveryMs: 120_000 },
};

const RETRY_AFTER_S = 1;
const faults = [
  'create:500@5%',
  `create:429+${RETRY_AFTER_S}@2%`,
  'create:hang-after@1%',
  'create:reset-before@1%',
  'create:broken-json@1%',
];

const CAP = 10;
const PROCESSES = 2;
/** Of calls in flight as it begins; where others load the machine the breaker may see too few of them at once. */
const mayBurn: Readonly<Record<Size, number>> = { short: CAP, full: 0 };
/** What the backlog may take, as a multiple of what the cap and the pauses asked for make necessary. */
const LONGEST_DRAIN = 1.2;

export const badNeighbour: Scenario = {
  name: 'bad neighbour',
  about:
    '5 % 500, 2 % 429 with Retry-After, 1 % hang after applying, 1 % reset before applying, 1 % broken JSON, ' +
    'the token revoked every 2 minutes, each side down for 3 minutes',
  world: { env: { PASSMACHINE_TIMEOUT_MS: '3000' } },
  alone: true,
  processes: PROCESSES,
  async act(world, size) {
    const { rows, outageMs, revokeEveryMs } = courses[size];
    const { sandbox } = world;
    world.fault(...faults);
    const revoking = setInterval(sandbox.revokeTokens, revokeEveryMs);
    try {
      const id = await world.order(rows);
      await pause(outageMs / 6 + 2000);
      await suffer(sandbox, 'passmachine', outageMs);
      const drained = drain(world, id, world.sandbox.witness.now());
      await suffer(sandbox, 'bloomreach', outageMs);
      await world.over(id, 900_000);

      const ratio = await drained;
      const burned = await attemptsBurned(world);
      const problems = [
        ...(size === 'full' && ratio > LONGEST_DRAIN
          ? [`the backlog drained in ${ratio.toFixed(2)} × the time that it requires`]
          : []),
        ...(burned > mayBurn[size] ? [`the outage burned ${burned} attempts`] : []),
      ];
      const figures = {
        'backlog drained in': `${ratio.toFixed(2)} × the time required`,
        'attempts burned by the outage': String(burned),
      };
      // Held: every call that hung or broke after it was sent, and what was in flight as Passmachine went.
      const mayBeUnknown = Math.ceil(rows * 0.06) + CAP;
      return { id, rows, kills: 0, mayBeUnknown, figures, problems };
    } finally {
      clearInterval(revoking);
    }
  },
};

interface Span {
  from: number;
  to: number;
}

async function suffer({ setOutage }: Sandbox, side: Side, ms: number): Promise<void> {
  setOutage(side, 'refuse');
  await pause(ms);
  setOutage(side, 'off');
}

/**
 * From the end of the outage until no row is pending: how long it took, divided by what the cap
 * requires (the calls' own time, ten at once) and the pauses that 429 asked everybody for.
 */
async function drain({ sandbox, campaign }: World, id: string, from: number): Promise<number> {
  while ((await campaign(id)).pending > 0) await pause(100);
  const to = sandbox.witness.now();
  const calls = sandbox.witness.entries().filter(({ at, side }) => at >= from && side === 'passmachine');
  const busyMs = calls.reduce((sum, { ms = 0 }) => sum + ms, 0) / CAP;
  const gates = calls
    .filter(({ status }) => status === 429)
    .map(({ at, ms = 0 }) => ({ from: at + ms, to: at + ms + RETRY_AFTER_S * 1000 }));
  return (to - from) / (busyMs + covered(gates));
}

/** Milliseconds that at least one of the spans covers; they come in the order of their begin. */
function covered(spans: readonly Span[]): number {
  let sum = 0;
  let end = 0;
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return sum;
}

/** Attempts that were counted although they ended with 503, which only the outage answers. */
async function attemptsBurned({ folder }: World): Promise<number> {
  const logs = await Promise.all(
    Array.from({ length: PROCESSES }, (_, n) => readFile(join(folder, `worker-${n + 1}.log`), 'utf8')),
  );
  return logs
    .flatMap((log) => log.split('\n'))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { event: string; outcome?: string; status?: number })
    .filter(({ event, outcome, status }) => event === 'job' && outcome === 'retry' && status === 503).length;
}
