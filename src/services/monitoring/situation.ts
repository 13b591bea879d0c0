/** The situation of the installation: its health, and why campaigns do not move. Both are judged from the same facts. */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { type Health, headlines, type HealthState, SENDING_MS } from '../../domain/monitoring/health.ts';
import { type CampaignWait, hasCallsLeft, hasWorkLeft } from '../../domain/monitoring/wait-reason.ts';
import { systemClock } from '../../kit/clock.ts';
import { withDeadline } from '../../kit/deadline.ts';
import { redisShortage } from '../../kit/redis/check.ts';
import { explainRefusal, type RedisRefusal } from '../../kit/redis/refusal.ts';
import { needsFeeder } from '../campaigns/reconcile.ts';
import {
  type Blocker,
  callBlockers,
  noFeeder,
  noWorker,
  programsFileInvalid,
  redisAway,
  redisRefuses,
  writeBacksPaused,
} from './blockers.ts';
import { readWaitFacts, type WaitFacts, type WaitStores } from './wait-facts.ts';
import { findWaitReasons, waitFor } from './wait-reasons.ts';

export interface Situation {
  health: Health;
  /** Why the campaigns, and due runs of schedules, do not move, the reason to fix first at the front. */
  waits: CampaignWait[];
}

/** A Redis that takes longer to answer does not answer, as far as an operator can tell. */
const ANSWER_MS = 3000;

class NoAnswer extends Error {}

/** Resolves within `answerMs`, also while Redis is away; `campaigns` are those whose waits are asked for. */
export async function readSituation(
  stores: WaitStores,
  campaigns: readonly Campaign[],
  answerMs = ANSWER_MS,
): Promise<Situation> {
  if (stores.redis.status !== 'ready') return blockedBy(redisAway);
  try {
    return await withDeadline(
      answerMs,
      async () => {
        const [facts, shortage] = await Promise.all([
          readWaitFacts(stores, campaigns, systemClock()),
          redisShortage(stores.redis).catch(() => undefined),
        ]);
        return judge(facts, shortage);
      },
      () => new NoAnswer(),
    );
  } catch (error) {
    if (error instanceof NoAnswer) return blockedBy(redisAway);
    const refusal = explainRefusal(error);
    if (refusal === undefined) throw error;
    return blockedBy(refusal.code === 'NO_ANSWER' ? redisAway : redisRefuses(refusal));
  }
}

/** `shortage`: why Redis stores nothing, if it answers. */
export function judge(facts: WaitFacts, shortage?: RedisRefusal): Situation {
  const storage = shortage === undefined ? [] : [redisRefuses(shortage)];
  return {
    health: judgeHealth(facts, storage),
    waits: [...storage.map(waitFor), ...findWaitReasons(facts)],
  };
}

/** Returns the situation in which nothing else can be known. */
export function blockedBy(blocker: Blocker): Situation {
  const { code: state, headline } = blocker;
  return {
    health: { state, headline, problems: [blocker], at: systemClock() },
    waits: [waitFor(blocker)],
  };
}

function judgeHealth(facts: WaitFacts, storage: readonly Blocker[]): Health {
  const { open, alive, bloomreachPause, now } = facts;
  const blockers = [
    ...storage,
    ...(hasWork(facts) ? noWorker(facts) : []),
    ...callBlockers(facts),
    ...(open.some((campaign) => needsFeeder(campaign, now)) ? noFeeder(facts) : []),
  ];
  const state = blockers[0]?.code ?? stateOf(facts);
  return {
    state,
    headline: headlines[state],
    problems: [...blockers, ...writeBacksPaused(bloomreachPause), ...programsFileInvalid(alive)],
    at: now,
  };
}

/** Returns whether a worker has anything to do. */
function hasWork({ open, queued, unsaved }: Pick<WaitFacts, 'open' | 'queued' | 'unsaved'>): boolean {
  return queued + unsaved > 0 || open.some((campaign) => hasWorkLeft(campaign, campaign.source.kind));
}

/** The state while nothing blocks. */
function stateOf({ open, queued, lastSuccessAt = 0, now }: WaitFacts): HealthState {
  const calling = open.filter((campaign) => hasCallsLeft(campaign, campaign.source.kind));
  if (calling.length > 0 || queued > 0) return now - lastSuccessAt <= SENDING_MS ? 'sending' : 'waiting';
  const isPaused = open.some(
    ({ status, pending }) => (status === 'paused' || status === 'held') && pending > 0,
  );
  return isPaused ? 'paused' : 'idle';
}
