/** The campaigns that somebody watches now, and when they will be over. */

import type { Campaign, CampaignCounters, SaveCounters } from '../../../domain/campaigns/campaign.ts';
import { type Progress, progressOf, timeLeft } from '../../../domain/campaigns/finish.ts';
import { type CampaignNow, LATELY_MS } from '../../../domain/monitoring/overview.ts';
import { hasThroughput, NEWEST_CAMPAIGNS } from '../throughput-samples.ts';
import type { Stores } from '../../stores.ts';
import { wantsFeed } from '../../campaigns/reconcile.ts';

/** Progress that is looked back on, at most. */
const LOOK_BACK_MS = 120_000;
/** What ends in less is chance: ten calls may end at once. */
const SHORTEST_SAMPLE_MS = 2000;
/** A day's webhooks never finish; without anything to do they are of interest for a day. */
const DAY_MS = 24 * 3_600_000;

/** `wantsFeeder`: of one at least there is something to read, or to put back into the queue. */
export async function campaignsNow(
  { campaigns, throughput }: Pick<Stores, 'campaigns' | 'throughput'>,
  now: number,
): Promise<{ shown: CampaignNow[]; wantsFeeder: boolean }> {
  const found = await campaigns.list(NEWEST_CAMPAIGNS);
  const seen = await throughput.seen(found.filter((one) => one.source.kind === 'file').map(({ id }) => id));
  const shown = found
    .filter((campaign) => isOfInterest(campaign, seen.get(campaign.id) ?? [], now))
    .map((campaign) => describe(campaign, seen.get(campaign.id) ?? [], now));
  return { shown, wantsFeeder: found.some(wantsFeed) };
}

/** The pace of one campaign, and when it will be over; empty while that cannot be told. */
export async function throughputOf(
  { throughput }: Pick<Stores, 'throughput'>,
  campaign: Campaign,
  now: number,
): Promise<Pick<CampaignNow, 'perSecond' | 'finish'>> {
  const seen = await throughput.seen([campaign.id]);
  return reportThroughput(campaign, seen.get(campaign.id) ?? [], now);
}

function isOfInterest(campaign: Campaign, seen: readonly Progress[], now: number): boolean {
  const { status, source, pending, createdAt, halt } = campaign;
  const lately = now - LATELY_MS;
  if (source.kind === 'webhooks' && status === 'running') return pending > 0 || createdAt > now - DAY_MS;
  switch (status) {
    case 'running':
    case 'held':
    case 'paused':
      return true;
    case 'stopped':
      return (halt?.at ?? 0) > lately;
    case 'finished':
      return createdAt > lately || (seen.at(-1)?.at ?? 0) > lately;
  }
}

function describe(campaign: Campaign, samples: readonly Progress[], now: number): CampaignNow {
  const { id, program, action, status, createdAt, source, schedule, halt, expected } = campaign;
  const { rows, pending, stopped } = campaign;
  const told = {
    id,
    program,
    action,
    status,
    createdAt,
    byWebhook: source.kind === 'webhooks',
    ...countersOf(campaign),
    ...(schedule !== undefined && { schedule }),
    ...(halt !== undefined && { halt }),
    ...(expected !== undefined && { progress: rows === 0 ? 1 : (rows - pending - stopped) / rows }),
  };
  return { ...told, ...reportThroughput(campaign, samples, now) };
}

function reportThroughput(
  campaign: Campaign,
  samples: readonly Progress[],
  now: number,
): Pick<CampaignNow, 'perSecond' | 'finish'> {
  if (!hasThroughput(campaign)) return {};
  const seen = [...samples.filter(({ at }) => at > now - LOOK_BACK_MS), progressOf(campaign, now)];
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < SHORTEST_SAMPLE_MS) return {};
  const finish = campaign.expected === undefined ? undefined : timeLeft(seen);
  return {
    perSecond: ((last.ended - first.ended) * 1000) / (last.at - first.at),
    ...(finish !== undefined && { finish }),
  };
}

function countersOf(campaign: Campaign): CampaignCounters & SaveCounters {
  const { rows, done, skipped, rejected, failed, unknown, stopped, pending } = campaign;
  const { saves, saved, unsaved } = campaign;
  return { rows, done, skipped, rejected, failed, unknown, stopped, pending, saves, saved, unsaved };
}
