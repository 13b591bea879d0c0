/** Campaigns being prepared in the dashboard. A draft expires after 24 hours. */

import type { CampaignDraft } from '../../domain/campaigns/draft.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface Drafts {
  /** Creates or replaces a draft and restarts its 24 hours. */
  save(draft: CampaignDraft): Promise<void>;
  find(id: string): Promise<CampaignDraft | undefined>;
}

const TTL_SECONDS = 24 * 60 * 60;

export function makeDrafts(redis: RedisConnection, keys: LedgerKeys): Drafts {
  return {
    async save(draft) {
      await redis.set(keys.draft(draft.id), JSON.stringify(draft), 'EX', TTL_SECONDS);
    },
    async find(id) {
      const found = await redis.get(keys.draft(id));
      return found === null ? undefined : (JSON.parse(found) as CampaignDraft);
    },
  };
}
