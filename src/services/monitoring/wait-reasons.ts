/**
 * Says why campaigns do not move: the one place that decides it, for the command line, the API and the dashboard. A
 * campaign that an operator or a safeguard has halted has a status that says so, and no reason.
 */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { quietFor } from '../../domain/campaigns/safeguards/quiet-hours.ts';
import { SENDING_MS } from '../../domain/monitoring/health.ts';
import {
  hasCallsLeft,
  hasWriteBacksLeft,
  reasonsOf,
  waitCauses,
  type CampaignWait,
} from '../../domain/monitoring/wait-reason.ts';
import { formatCount, formatDuration } from '../../domain/presentation/format.ts';
import { needsFeeder } from '../campaigns/reconcile.ts';
import { type Blocker, callBlockers, noFeeder, noWorker } from './blockers.ts';
import { describePause, WRITE_BACK_REMEDY } from './write-back-pause.ts';
import type { WaitFacts } from './wait-facts.ts';

/** Returns a blocker as a reason for waiting. */
export function waitFor({ code, detail, remedy }: Blocker): CampaignWait {
  return { cause: code, text: detail, remedy };
}

/** Returns the reasons, the one to fix first at the front. */
export function findWaitReasons(facts: WaitFacts): CampaignWait[] {
  const calling = facts.campaigns.filter((campaign) => hasCallsLeft(campaign, campaign.source.kind));
  const saving = facts.campaigns.filter(hasWriteBacksLeft);
  const found = [
    ...(facts.campaigns.length > 0 ? noWorker(facts) : []).map(waitFor),
    ...(calling.length > 0 ? callBlockers(facts) : []).map(waitFor),
    ...(facts.campaigns.some((campaign) => needsFeeder(campaign, facts.now)) ? noFeeder(facts) : []).map(
      waitFor,
    ),
    ...facts.campaigns.map(sourceUnreadable),
    ...facts.dueRuns.map(runNotStarted),
    ...calling.flatMap((campaign) => [quietHours(campaign, facts), notificationLimit(campaign, facts)]),
    ...(facts.isCalling
      ? []
      : calling.flatMap((campaign) => [retrying(campaign, facts), throttled(campaign)])),
    ...saving.flatMap((campaign) => [bloomreachDown(campaign, facts), importNotFetched(campaign, facts)]),
  ].filter((reason) => reason !== undefined);
  const unexplained = calling.filter(({ id }) => facts.stopped.has(id) && reasonsOf(found, id).length === 0);
  return [...found, ...unexplained.map((campaign) => noProgress(campaign, facts))].toSorted(
    (a, b) => waitCauses.indexOf(a.cause) - waitCauses.indexOf(b.cause),
  );
}

function sourceUnreadable({ id, status, feedProblem }: Campaign): CampaignWait | undefined {
  if (status !== 'running' || feedProblem === undefined) return undefined;
  return {
    cause: 'source-unreadable',
    text: `the next rows could not be read in ${formatCount(feedProblem.attempts, 'attempt')}: ${feedProblem.reason}`,
    remedy: 'Check the file of the campaign. Reading is tried again every 30 seconds at the latest.',
    campaign: id,
  };
}

/** Nothing explains why no job of the campaign has ended lately, so that its end cannot be estimated. */
function noProgress({ id }: Campaign, { now, lastSuccessAt = 0 }: WaitFacts): CampaignWait {
  if (now - lastSuccessAt <= SENDING_MS) {
    return {
      cause: 'behind-others',
      text: 'its calls are queued behind those of other campaigns and webhooks',
      remedy: 'No action needed.',
      campaign: id,
    };
  }
  return {
    cause: 'no-success',
    text: `no call to Passmachine has succeeded in the last ${formatDuration(SENDING_MS)}`,
    remedy: 'If it lasts: passbridge doctor',
    campaign: id,
  };
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
