/** Campaigns that somebody prepares; one that is never started is forgotten after a day. */

import type { CampaignDraft } from '../../domain/campaigns/draft.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface Drafts {
  /** Writes it down anew or over what there is. */
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
