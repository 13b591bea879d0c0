/** Notifies the alert channels of campaigns that have ended, at least once each. */

import { type EndedCampaign, trackEnds, watchedSince } from '../../../domain/monitoring/campaign-ends.ts';
import type { Clock } from '../../../kit/clock.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { Stores } from '../../stores.ts';
import type { AlertChannel } from './channels.ts';

interface CampaignEndsOptions {
  stores: Pick<Stores, 'alertWatches' | 'campaigns'>;
  channels: readonly AlertChannel[];
  clock: Clock;
  log: Logger;
}

/** Checks once. A message that a channel does not accept is sent with the next check. */
export async function sendCampaignEnds({ stores, channels, clock, log }: CampaignEndsOptions): Promise<void> {
  const { alertWatches, campaigns } = stores;
  for (const { name, send } of channels) {
    const now = clock();
    const watch = await alertWatches.findEnds(name);
    if (watch === undefined) {
      // Ends from before the channel existed concern no one.
      await alertWatches.saveEnds(name, { upTo: now, reported: {} });
      continue;
    }
    const unreported = trackEnds(watch, await campaigns.endedSince(watchedSince(watch)), now);
    if (unreported === undefined) continue;
    const ended = await readEnded(campaigns, unreported.due, unreported.watch.reported);
    const error = ended.length === 0 ? undefined : await send({ kind: 'campaigns-ended', at: now, ended });
    if (error === undefined) {
      // Campaigns of webhooks take no message, so they must not delay that of others.
      const sent = ended.length > 0 && { notifiedAt: now };
      await alertWatches.saveEnds(name, { ...unreported.watch, ...sent });
      if (ended.length > 0) log.info({ event: 'campaign-ends.sent', channel: name, count: ended.length });
    } else log.warn({ event: 'campaign-ends.send-failed', channel: name, error }, 'will be retried');
  }
}

/** Leaves out test sends, and the campaigns of webhooks, which end with their day and not with their work. */
async function readEnded(
  { find, failures }: Stores['campaigns'],
  ids: readonly string[],
  endedAt: Readonly<Record<string, number>>,
): Promise<EndedCampaign[]> {
  const ended: EndedCampaign[] = [];
  for (const id of ids) {
    const campaign = await find(id);
    if (campaign?.source.kind !== 'file' || campaign.isTest === true) continue;
    ended.push({ campaign, endedAt: endedAt[id] ?? campaign.createdAt, causes: await failures(id) });
  }
  return ended;
}
