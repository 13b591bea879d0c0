/** Takes up what nobody works on: a crash can fall between a fact about a campaign or a receipt and the work that follows from it. */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Part } from '../../kit/part.ts';
import type { Stores } from '../stores.ts';

const LOOK_EVERY_MS = 5000;
/** The newest that are looked at: a day's webhooks are older than all campaigns of that day. */
const CAMPAIGNS = 1000;

/** Looks now and every few seconds; asking twice for the same work has it done once. */
export async function startTakingUp(
  { campaigns, campaignQueue, bulkActions }: Pick<Stores, 'campaigns' | 'campaignQueue' | 'bulkActions'>,
  log: Logger,
): Promise<Part> {
  const look = async () => {
    for (const campaign of await campaigns.list(CAMPAIGNS)) {
      const { id, resumes } = campaign;
      if (wantsFeed(campaign)) await campaignQueue.addFeed(id, resumes);
      if (campaign.status === 'stopped' && campaign.inQueue > 0) await campaignQueue.addClear(id, resumes);
    }
    for (const bulkAction of await bulkActions.unended()) await campaignQueue.addBulkAction(bulkAction);
  };
  await look();
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = look().catch((error: unknown) => log.error({ event: 'campaigns.not-taken-up', err: error }));
  }, LOOK_EVERY_MS);
  return {
    name: 'taking up',
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** Rows to read, or jobs to put back into the queue. */
export function wantsFeed({ status, source, fed, parked }: Campaign): boolean {
  return status === 'running' && (parked > 0 || (source.kind === 'file' && !fed));
}
