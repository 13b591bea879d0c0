/** Says what keeps calls to Passmachine from being made, whichever campaign they belong to. */

import { RATE_LIMITED } from '../../domain/jobs/outcome.ts';
import type { Heartbeat, PastFailure } from '../../domain/monitoring/heartbeat.ts';
import type { CampaignWait } from '../../domain/monitoring/wait-reason.ts';
import { formatDuration } from '../../domain/presentation/format.ts';
import { mostUrgentToken } from './process-stats.ts';
import type { WaitFacts } from './wait-facts.ts';

export function noWorker({ workers, alive }: WaitFacts): CampaignWait | undefined {
  if (workers > 0) return undefined;
  if (alive.some(({ roles, quiet }) => quiet === true && roles.includes('worker'))) {
    return {
      cause: 'no-worker',
      text: 'every worker is quiet and takes no more jobs',
      remedy: 'Stop and start them again, or start another one: passbridge up --role worker.',
    };
  }
  return {
    cause: 'no-worker',
    text: 'no worker is running',
    remedy: 'Start one: passbridge up, or passbridge up --role worker.',
  };
}

export function callReasons({ alive, gateMs, gateCause }: WaitFacts): (CampaignWait | undefined)[] {
  const open = alive.flatMap(({ breaker }) =>
    breaker === undefined || breaker.state === 'closed' ? [] : [breaker],
  );
  const isDown = open.some(({ onlyCreates }) => onlyCreates !== true);
  const pausesCreates = open.some(({ onlyCreates }) => onlyCreates === true);
  const stalled = alive.find((heartbeat) => heartbeat.stalled !== undefined)?.stalled;
  return [
    tokenRefused(mostUrgentToken(alive)?.refused),
    isDown
      ? {
          cause: 'passmachine-down',
          text: `calls are paused because several to Passmachine failed in a row${lastFailureOf(alive)}`,
          remedy:
            'Single calls test Passmachine, and processing resumes when it is back. If it lasts: passbridge doctor',
        }
      : undefined,
    pausesCreates
      ? {
          cause: 'creates-paused',
          text: `creates are paused because one may have made its card without an answer${lastFailureOf(alive)}`,
          remedy:
            'No action needed: one create at a time tests Passmachine; updates and notifications continue.',
        }
      : undefined,
    gateMs > 0 && (gateCause ?? RATE_LIMITED) === RATE_LIMITED
      ? {
          cause: 'rate-limited',
          text: `Passmachine asked for a pause (429) of another ${formatDuration(gateMs)}`,
          remedy: 'Calls resume automatically. To resume now: passbridge limits --open-gate',
        }
      : undefined,
    stalled === undefined
      ? undefined
      : {
          cause: 'calls-stalled',
          text: `a worker starts no calls for no known reason: ${stalled.text}`,
          remedy:
            'Restart the worker; nothing is lost. Keep its log, and report it as a defect of passbridge.',
        },
  ];
}

function tokenRefused(refused: PastFailure | undefined): CampaignWait | undefined {
  if (refused?.code !== 'PM_TOKEN_REJECTED' && refused?.code !== 'PM_UNAUTHORIZED') return undefined;
  return {
    cause: 'token-refused',
    text: `Passmachine refuses the token (${refused.code}: ${refused.detail})`,
    remedy:
      'Check PASSMACHINE_ACCOUNT_ID and the tokens, and restart. Nothing is lost: it is tried again at most a minute apart.',
  };
}

/** Names the failure, because an outage may be a wrong address or certificate. */
function lastFailureOf(alive: readonly Heartbeat[]): string {
  const failures = alive.flatMap(({ upstreams: { passmachine } }) => passmachine.lastFailure ?? []);
  const last = failures.toSorted((a, b) => b.at - a.at)[0];
  return last === undefined ? '' : ` (${last.code}: ${last.detail})`;
}
