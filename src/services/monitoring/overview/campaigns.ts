/** The campaigns of the overview, with their throughput and estimated end. */

import type { Campaign, CampaignCounters, WriteBackCounters } from '../../../domain/campaigns/campaign.ts';
import { type Progress, progressOf, timeLeft } from '../../../domain/campaigns/finish.ts';
import { SENDING_MS } from '../../../domain/monitoring/health.ts';
import { type CampaignOverview, RECENTLY_ENDED_MS } from '../../../domain/monitoring/overview.ts';
import type { Stores } from '../../stores.ts';
import { isThroughputSampled } from '../throughput-samples.ts';
import { lastSuccessOf, type WaitFacts } from '../wait-facts.ts';

/** Throughput is averaged over at most this time. */
const WINDOW_MS = 120_000;
/** A shorter window measures chance: ten calls may end at once. */
const MIN_WINDOW_MS = 2000;
/** A webhook campaign collects one day's webhooks and never finishes; an idle one is shown for a day. */
const DAY_MS = 24 * 3_600_000;

/** Ended campaigns to show, at most. */
const MAX_ENDED = 100;

/** What the estimates depend on: without calls that succeed there is no end to estimate. */
type Successes = Pick<WaitFacts, 'now' | 'lastSuccessAt'>;

/** Returns the campaigns to show, newest first. */
export async function readCampaigns(
  { campaigns, throughput }: Pick<Stores, 'campaigns' | 'throughput'>,
  { open, ...successes }: Successes & Pick<WaitFacts, 'open'>,
): Promise<CampaignOverview[]> {
  const { now } = successes;
  const ended = await campaigns.listEnded(now - Math.max(RECENTLY_ENDED_MS, DAY_MS), MAX_ENDED);
  // A campaign may have been closed between the two reads.
  const openIds = new Set(open.map(({ id }) => id));
  const found = [...open, ...ended.filter(({ id }) => !openIds.has(id))].toSorted(
    (a, b) => b.createdAt - a.createdAt,
  );
  const samples = await throughput.read(
    found.filter(({ source }) => source.kind === 'file').map(({ id }) => id),
  );
  return found
    .map((campaign) => ({ campaign, progress: samples.get(campaign.id) ?? [] }))
    .filter(({ campaign, progress }) => isShown(campaign, progress, now))
    .map(({ campaign, progress }) => describe(campaign, progress, successes));
}

/** Returns the throughput and estimated end of one campaign; empty while they are unknown. */
export async function throughputOf(
  { throughput, heartbeats }: Pick<Stores, 'throughput' | 'heartbeats'>,
  campaign: Campaign,
  now: number,
): Promise<Pick<CampaignOverview, 'perSecond' | 'finish'>> {
  const [samples, alive] = await Promise.all([throughput.read([campaign.id]), heartbeats.alive()]);
  return estimate(campaign, samples.get(campaign.id) ?? [], { now, lastSuccessAt: lastSuccessOf(alive) });
}

function isShown(campaign: Campaign, samples: readonly Progress[], now: number): boolean {
  const { status, source, pending, createdAt, halt } = campaign;
  const recently = now - RECENTLY_ENDED_MS;
  if (source.kind === 'webhooks' && status === 'running') return pending > 0 || createdAt > now - DAY_MS;
  switch (status) {
    case 'planned':
    case 'running':
    case 'held':
    case 'paused':
      return true;
    case 'stopped':
      return (halt?.at ?? 0) > recently;
    case 'finished':
      return createdAt > recently || (samples.at(-1)?.at ?? 0) > recently;
  }
}

function describe(campaign: Campaign, samples: readonly Progress[], successes: Successes): CampaignOverview {
  const { id, program, action, status, createdAt, source, schedule, halt, feedProblem } = campaign;
  const { rows, pending, stopped, expected } = campaign;
  return {
    id,
    program,
    action,
    status,
    createdAt,
    byWebhook: source.kind === 'webhooks',
    ...countersOf(campaign),
    ...(schedule !== undefined && { schedule }),
    ...(halt !== undefined && { halt }),
    ...(feedProblem !== undefined && { feedProblem }),
    ...(expected !== undefined && { progress: rows === 0 ? 1 : (rows - pending - stopped) / rows }),
    ...estimate(campaign, samples, successes),
  };
}

function estimate(
  campaign: Campaign,
  samples: readonly Progress[],
  { now, lastSuccessAt = 0 }: Successes,
): Pick<CampaignOverview, 'perSecond' | 'finish'> {
  if (!isThroughputSampled(campaign)) return {};
  const recent = [...samples.filter(({ at }) => at > now - WINDOW_MS), progressOf(campaign, now)];
  const [first, last] = [recent[0], recent.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < MIN_WINDOW_MS) return {};
  const isSending = now - lastSuccessAt <= SENDING_MS;
  const finish = isSending && campaign.expected !== undefined ? timeLeft(recent) : undefined;
  return {
    perSecond: ((last.ended - first.ended) * 1000) / (last.at - first.at),
    ...(finish !== undefined && { finish }),
  };
}

function countersOf(campaign: Campaign): CampaignCounters & WriteBackCounters {
  const { rows, done, skipped, rejected, failed, unknown, stopped, pending } = campaign;
  const { writeBacks, writtenBack, writeBackFailures } = campaign;
  const counters = { rows, done, skipped, rejected, failed, unknown, stopped, pending };
  return { ...counters, writeBacks, writtenBack, writeBackFailures };
}
