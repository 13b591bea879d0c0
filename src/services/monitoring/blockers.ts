/**
 * Finds what keeps the installation from sending, whichever campaign waits: the one place that decides it. Health,
 * reasons for waiting, alerts, slots and the state of the upstreams follow from it.
 */

import { RATE_LIMITED } from '../../domain/jobs/outcome.ts';
import {
  type BlockerCode,
  headlines,
  type Impairment,
  type Problem,
} from '../../domain/monitoring/health.ts';
import type {
  BreakerState,
  Heartbeat,
  InvalidFile,
  PastFailure,
  ProcessRole,
  StalledCalls,
} from '../../domain/monitoring/heartbeat.ts';
import { formatDuration } from '../../domain/presentation/format.ts';
import type { RedisRefusal } from '../../kit/redis/refusal.ts';
import { mostUrgentToken } from './process-stats.ts';
import type { WaitFacts } from './wait-facts.ts';
import { describePause, WRITE_BACK_REMEDY, type WriteBackPause } from './write-back-pause.ts';

/** Something that keeps the installation from sending. */
export type Blocker = Problem & { code: BlockerCode };

type CallFacts = Pick<WaitFacts, 'alive' | 'gateMs' | 'gateCause'>;

function problem<Code extends BlockerCode | Impairment>(
  code: Code,
  text: { detail: string; remedy: string; since?: number | undefined },
): Problem & { code: Code } {
  const { detail, remedy, since } = text;
  return { code, headline: headlines[code], detail, remedy, ...(since !== undefined && { since }) };
}

export const redisAway: Blocker = problem('redis-away', {
  detail: 'Redis does not answer',
  remedy: 'Check that Redis runs and is reachable. Work continues automatically; nothing is lost.',
});

export function redisRefuses({ problem: detail, remedy }: RedisRefusal): Blocker {
  return problem('redis-refuses', { detail, remedy });
}

/** Only a blocker while there is work. */
export function noWorker({ workers, alive }: Pick<WaitFacts, 'workers' | 'alive'>): Blocker[] {
  if (workers > 0) return [];
  const text = isQuiet(alive, 'worker')
    ? {
        detail: 'every worker is quiet and takes no more jobs',
        remedy: 'Stop and start them again, or start another one: passbridge up --role worker.',
      }
    : {
        detail: 'no worker is running',
        remedy: 'Start one: passbridge up, or passbridge up --role worker.',
      };
  return [problem('no-worker', text)];
}

function isQuiet(alive: readonly Heartbeat[], role: ProcessRole): boolean {
  return alive.some(({ roles, quiet }) => quiet === true && roles.includes(role));
}

/** Only a blocker while a campaign has rows to read. */
export function noFeeder({ feeders, alive }: Pick<WaitFacts, 'feeders' | 'alive'>): Blocker[] {
  if (feeders > 0) return [];
  const absence = isQuiet(alive, 'feeder') ? 'every feeder is quiet' : 'no feeder is running';
  return [
    problem('no-feeder', {
      detail: `${absence}, so the remaining rows are not read`,
      remedy: 'Start one: passbridge up, or passbridge up --role feeder.',
    }),
  ];
}

/** Returns what keeps calls to Passmachine from being made. */
export function callBlockers({ alive, gateMs, gateCause }: CallFacts): Blocker[] {
  return [
    ...tokenRefused(alive),
    ...openBreakers(alive),
    ...rateLimited(gateMs, gateCause),
    ...stalledWorkers(alive)
      .slice(0, 1)
      .map(({ text, since }) =>
        problem('calls-stalled', {
          detail: `a worker starts no calls for no known reason: ${text}`,
          remedy:
            'Restart the worker; nothing is lost. Keep its log, and report it as a defect of passbridge.',
          since,
        }),
      ),
  ];
}

/** Returns the workers that make no calls for no known reason. */
export function stalledWorkers(
  alive: readonly Heartbeat[],
): (StalledCalls & Pick<Heartbeat, 'pid' | 'host'>)[] {
  return alive.flatMap(({ pid, host, stalled }) =>
    stalled === undefined ? [] : [{ pid, host, ...stalled }],
  );
}

/** Returns the breakers that are open or probing. */
export function breakersOf(alive: readonly Heartbeat[]): Exclude<BreakerState, { state: 'closed' }>[] {
  return alive.flatMap(({ breaker }) =>
    breaker === undefined || breaker.state === 'closed' ? [] : [breaker],
  );
}

function openBreakers(alive: readonly Heartbeat[]): Blocker[] {
  const open = breakersOf(alive);
  const failings = alive.flatMap(({ upstreams: { passmachine } }) => passmachine.failingSince ?? []);
  const since = failings.length === 0 ? undefined : Math.min(...failings);
  const isDown = open.some(({ onlyCreates }) => onlyCreates !== true);
  const pausesCreates = open.some(({ onlyCreates }) => onlyCreates === true);
  return [
    ...(isDown
      ? [
          problem('passmachine-down', {
            detail: `calls are paused because several to Passmachine failed in a row${lastFailureOf(alive)}`,
            remedy:
              'Single calls test Passmachine, and processing resumes when it is back. If it lasts: passbridge doctor',
            since,
          }),
        ]
      : []),
    ...(pausesCreates
      ? [
          problem('creates-paused', {
            detail: `creates are paused because one may have made its card without an answer${lastFailureOf(alive)}`,
            remedy:
              'No action needed: one create at a time tests Passmachine; updates and notifications continue.',
            since,
          }),
        ]
      : []),
  ];
}

/** An open breaker closes the gate as well, which then is no pause that Passmachine asked for. */
function rateLimited(gateMs: number, cause: WaitFacts['gateCause']): Blocker[] {
  if (gateMs <= 0 || (cause ?? RATE_LIMITED) !== RATE_LIMITED) return [];
  return [
    problem('rate-limited', {
      detail: `Passmachine asked for a pause (429) of another ${formatDuration(gateMs)}`,
      remedy: 'Calls resume automatically. To resume now: passbridge limits --open-gate',
    }),
  ];
}

/** A token that could not be obtained because Passmachine is down is not refused. */
function tokenRefused(alive: readonly Heartbeat[]): Blocker[] {
  const token = mostUrgentToken(alive);
  const refused = isRefusal(token?.refused) ? token.refused : undefined;
  const isExpired = token?.renews === false && token.leftMs !== undefined && token.leftMs <= 0;
  if (refused === undefined && !isExpired) return [];
  return [
    problem('token-refused', {
      detail:
        refused === undefined
          ? 'PASSMACHINE_TOKEN has expired'
          : `Passmachine refuses the token (${refused.code}: ${refused.detail})`,
      remedy:
        'Check PASSMACHINE_ACCOUNT_ID and the tokens, and restart. Nothing is lost: it is tried again at most a minute apart.',
      since: refused?.at,
    }),
  ];
}

function isRefusal(failure: PastFailure | undefined): failure is PastFailure {
  return failure?.code === 'PM_TOKEN_REJECTED' || failure?.code === 'PM_UNAUTHORIZED';
}

export function writeBacksPaused(pause: WriteBackPause | undefined): Problem[] {
  if (pause === undefined) return [];
  const text = { detail: describePause(pause), remedy: WRITE_BACK_REMEDY, since: pause.since };
  return [problem('bloomreach-down', text)];
}

/** Returns the changed programs file of a process, if it is invalid. */
export function invalidFileOf(alive: readonly Heartbeat[]): InvalidFile | undefined {
  return alive.find(({ invalidFile }) => invalidFile !== undefined)?.invalidFile;
}

export function programsFileInvalid(alive: readonly Heartbeat[]): Problem[] {
  const invalid = invalidFileOf(alive);
  if (invalid === undefined) return [];
  return [
    problem('programs-file-invalid', {
      detail: `the programs file is invalid: ${invalid.problem}`,
      remedy: 'Fix the file; it is reloaded automatically. The log lists all problems.',
      since: invalid.at,
    }),
  ];
}

/** Names the failure, because an outage may be a wrong address or certificate. */
function lastFailureOf(alive: readonly Heartbeat[]): string {
  const failures = alive.flatMap(({ upstreams: { passmachine } }) => passmachine.lastFailure ?? []);
  const last = failures.toSorted((a, b) => b.at - a.at)[0];
  return last === undefined ? '' : ` (${last.code}: ${last.detail})`;
}
