/** Says what keeps calls to Passmachine from being made, for the command line, the API and the dashboard. */

import type { FailureCode } from '../../domain/failures/failure.ts';
import type { Heartbeat } from '../../domain/monitoring/heartbeat.ts';
import { formatDuration } from '../../domain/presentation/format.ts';
import type { Stores } from '../stores.ts';
import { mostUrgentToken } from './process-stats.ts';

export interface WaitReason {
  cause: 'no-worker' | 'token-refused' | 'passmachine-down' | 'creates-paused' | 'rate-limited';
  /** One sentence without a full stop at its end. */
  text: string;
  /** What an operator can do. */
  remedy: string;
}

export interface WaitFacts {
  alive: readonly Heartbeat[];
  /** Worker processes of the queue. */
  workers: number;
  gateMs: number;
  gateCause: FailureCode | undefined;
}

export async function readWaitReasons({
  heartbeats,
  passQueue,
}: Pick<Stores, 'heartbeats' | 'passQueue'>): Promise<WaitReason[]> {
  const [alive, workers, gateMs, gateCause] = await Promise.all([
    heartbeats.alive(),
    passQueue.workers(),
    passQueue.gateMs(),
    passQueue.gateCause(),
  ]);
  return findWaitReasons({ alive, workers, gateMs, gateCause });
}

/** Returns the reasons, the one to fix first at the front; none if calls may be made. */
export function findWaitReasons({ alive, workers, gateMs, gateCause }: WaitFacts): WaitReason[] {
  const open = alive.flatMap(({ breaker }) =>
    breaker === undefined || breaker.state === 'closed' ? [] : [breaker],
  );
  const refused = mostUrgentToken(alive)?.refused;
  const isRefused = refused?.code === 'PM_TOKEN_REJECTED' || refused?.code === 'PM_UNAUTHORIZED';
  const reasons: (WaitReason | undefined)[] = [
    workers === 0
      ? {
          cause: 'no-worker',
          text: 'no worker is running',
          remedy: 'Start one: passbridge up, or passbridge up --role worker.',
        }
      : undefined,
    isRefused
      ? {
          cause: 'token-refused',
          text: `Passmachine refuses the token (${refused.detail})`,
          remedy:
            'Check PASSMACHINE_ACCOUNT_ID and the tokens, and restart. Nothing is lost: it is tried again at most a minute apart.',
        }
      : undefined,
    open.some(({ onlyCreates }) => onlyCreates !== true)
      ? {
          cause: 'passmachine-down',
          text: 'calls are paused because several to Passmachine failed in a row',
          remedy: 'No action needed: single calls test Passmachine, and processing resumes when it is back.',
        }
      : undefined,
    open.some(({ onlyCreates }) => onlyCreates === true)
      ? {
          cause: 'creates-paused',
          text: 'creates are paused because one may have made its card without an answer',
          remedy:
            'No action needed: one create at a time tests Passmachine; updates and notifications continue.',
        }
      : undefined,
    gateMs > 0 && (gateCause ?? 'PM_RATE_LIMITED') === 'PM_RATE_LIMITED'
      ? {
          cause: 'rate-limited',
          text: `Passmachine asked for a pause (429) of another ${formatDuration(gateMs)}`,
          remedy: 'Calls resume automatically. To resume now: passbridge limits --open-gate',
        }
      : undefined,
  ];
  return reasons.filter((reason) => reason !== undefined);
}
