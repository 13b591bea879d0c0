/**
 * Says why campaigns do not move: the one place that decides it, for the command line, the API and the dashboard. A
 * campaign that an operator or a safeguard has halted has a status that says so, and no reason.
 */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { quietFor } from '../../domain/campaigns/safeguards/quiet-hours.ts';
import {
  hasCallsLeft,
  hasWorkLeft,
  hasWriteBacksLeft,
  waitCauses,
  type CampaignWait,
} from '../../domain/monitoring/wait-reason.ts';
import { formatCount, formatDuration } from '../../domain/presentation/format.ts';
import { systemClock } from '../../kit/clock.ts';
import { withDeadline } from '../../kit/deadline.ts';
import { redisShortage } from '../../kit/redis/check.ts';
import { explainRefusal, type RedisRefusal } from '../../kit/redis/refusal.ts';
import { needsFeed } from '../campaigns/reconcile.ts';
import { callReasons, noWorker } from './call-wait-reasons.ts';
import { describePause, WRITE_BACK_REMEDY } from './write-back-pause.ts';
import { readWaitFacts, type WaitFacts, type WaitStores } from './wait-facts.ts';

/** A Redis that takes longer to answer does not answer, as far as an operator can tell. */
const ANSWER_MS = 3000;

class NoAnswer extends Error {}

/**
 * Returns why the given campaigns, and due runs of schedules, do not move; the reason to fix first at the front. None if
 * all of them may move. Resolves within {@link ANSWER_MS}, also while Redis is away.
 */
export async function readWaitReasons(
  stores: WaitStores,
  campaigns: readonly Campaign[],
): Promise<CampaignWait[]> {
  if (stores.redis.status !== 'ready') return [redisAway];
  try {
    return await withDeadline(
      ANSWER_MS,
      async () => {
        const [facts, shortage] = await Promise.all([
          readWaitFacts(
            stores,
            campaigns.filter((campaign) => hasWorkLeft(campaign, campaign.source.kind)),
            systemClock(),
          ),
          redisShortage(stores.redis).catch(() => undefined),
        ]);
        return [...(shortage === undefined ? [] : [redisRefuses(shortage)]), ...findWaitReasons(facts)];
      },
      () => new NoAnswer(),
    );
  } catch (error) {
    if (error instanceof NoAnswer) return [redisAway];
    const refusal = explainRefusal(error);
    if (refusal === undefined) throw error;
    return [redisRefuses(refusal)];
  }
}

const redisAway: CampaignWait = {
  cause: 'redis-away',
  text: 'Redis does not answer',
  remedy: 'Check that Redis runs and is reachable. Work continues automatically; nothing is lost.',
};

function redisRefuses({ problem, remedy }: RedisRefusal): CampaignWait {
  return { cause: 'redis-refuses', text: problem, remedy };
}

/** Returns the reasons, the one to fix first at the front. */
export function findWaitReasons(facts: WaitFacts): CampaignWait[] {
  const calling = facts.campaigns.filter((campaign) => hasCallsLeft(campaign, campaign.source.kind));
  const saving = facts.campaigns.filter(hasWriteBacksLeft);
  const found = [
    ...(facts.campaigns.length > 0 ? [noWorker(facts)] : []),
    ...(calling.length > 0 ? callReasons(facts) : []),
    ...feedReasons(facts),
    ...facts.dueRuns.map(runNotStarted),
    ...calling.flatMap((campaign) => [quietHours(campaign, facts), notificationLimit(campaign, facts)]),
    ...(facts.isCalling
      ? []
      : calling.flatMap((campaign) => [retrying(campaign, facts), throttled(campaign)])),
    ...saving.flatMap((campaign) => [bloomreachDown(campaign, facts), importNotFetched(campaign, facts)]),
  ].filter((reason) => reason !== undefined);
  return found.toSorted((a, b) => waitCauses.indexOf(a.cause) - waitCauses.indexOf(b.cause));
}

function feedReasons({ campaigns, feeders, alive }: WaitFacts): CampaignWait[] {
  const unfed = campaigns.filter(needsFeed);
  const noFeeder: CampaignWait[] =
    feeders > 0 || unfed.length === 0
      ? []
      : [
          {
            cause: 'no-feeder',
            text: `${noFeederBecause(alive)}, so the remaining rows are not read`,
            remedy: 'Start one: passbridge up, or passbridge up --role feeder.',
          },
        ];
  const unreadable = campaigns.flatMap(({ id, status, feedProblem }): CampaignWait[] =>
    status !== 'running' || feedProblem === undefined
      ? []
      : [
          {
            cause: 'source-unreadable',
            text: `the next rows could not be read in ${formatCount(feedProblem.attempts, 'attempt')}: ${feedProblem.reason}`,
            remedy: 'Check the file of the campaign. Reading is tried again every 30 seconds at the latest.',
            campaign: id,
          },
        ],
  );
  return [...noFeeder, ...unreadable];
}

function noFeederBecause(alive: WaitFacts['alive']): string {
  return alive.some(({ roles, quiet }) => quiet === true && roles.includes('feeder'))
    ? 'every feeder is quiet'
    : 'no feeder is running';
}

/** A due run that may start has no note. */
function runNotStarted({ id, schedule, note }: WaitFacts['dueRuns'][number]): CampaignWait | undefined {
  if (note === undefined) return undefined;
  return {
    cause: 'run-not-started',
    text: `the due run of schedule ${schedule} has not started: ${note.replace(/\.$/, '')}`,
    remedy: 'It starts automatically. See: passbridge schedules list',
    campaign: id,
  };
}

/** Customers may have time zones of their own, which only their jobs know. */
function quietHours({ id, guards }: Campaign, { now, delayed }: WaitFacts): CampaignWait | undefined {
  const hours = guards?.quietHours;
  if (hours?.policy !== 'hold') return undefined;
  const quietMs =
    hours.zoneAttribute === undefined
      ? [quietFor(hours, now)]
      : delayed.flatMap(({ job }) =>
          job.campaign !== id || job.quietHours === undefined ? [] : [quietFor(job.quietHours, now)],
        );
  const [first] = quietMs.filter((ms) => ms > 0).toSorted((a, b) => a - b);
  if (first === undefined) return undefined;
  return {
    cause: 'quiet-hours',
    text: `customers are in quiet hours, the first of them for another ${formatDuration(first)}`,
    remedy: 'Sending continues automatically.',
    campaign: id,
  };
}

function notificationLimit({ id }: Campaign, { now, limitedUntil }: WaitFacts): CampaignWait | undefined {
  const until = limitedUntil.get(id);
  if (until === undefined) return undefined;
  return {
    cause: 'notification-limit',
    text: `cards have reached the notification limit, the first of them for another ${formatDuration(until - now)}`,
    remedy: 'Sending continues automatically.',
    campaign: id,
  };
}

function retrying({ id }: Campaign, { now, delayed }: WaitFacts): CampaignWait | undefined {
  const next = delayed.find(({ job }) => job.campaign === id && (job.attempts ?? 0) > 0);
  if (next === undefined) return undefined;
  return {
    cause: 'retrying',
    text: `failed calls wait for another attempt, the next in ${formatDuration(Math.max(0, next.dueAt - now))}`,
    remedy: 'No action needed.',
    campaign: id,
  };
}

function throttled({ id, guards, fed, inQueue }: Campaign): CampaignWait | undefined {
  if (guards?.sendingRate === undefined || fed || inQueue > 0) return undefined;
  return {
    cause: 'throttled',
    text: 'its customers are spread over time, and the next are not due yet',
    remedy: 'Sending continues automatically.',
    campaign: id,
  };
}

function bloomreachDown({ id }: Campaign, { bloomreachPause }: WaitFacts): CampaignWait | undefined {
  if (bloomreachPause === undefined) return undefined;
  return {
    cause: 'bloomreach-down',
    text: describePause(bloomreachPause),
    remedy: WRITE_BACK_REMEDY,
    campaign: id,
  };
}

function importNotFetched(
  { id, importAbove, expected }: Campaign,
  { openImports }: WaitFacts,
): CampaignWait | undefined {
  if (openImports === 0 || importAbove === undefined || (expected ?? 0) < importAbove) return undefined;
  return {
    cause: 'import-not-fetched',
    text: `Bloomreach has not fetched ${formatCount(openImports, 'import file', 'import files')} of results yet`,
    remedy: 'It fetches them when it has capacity; after a while they are sent in batches instead.',
    campaign: id,
  };
}
