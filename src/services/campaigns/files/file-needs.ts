/** Who needs a file on this machine, and until when. The sweep, the uploads and `passbridge forget` ask here. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import type { Stores } from '../../stores.ts';

const HOUR_MS = 60 * 60_000;

/** A campaign's file stays this long after the campaign has ended, because `results` reads it again. */
export const FILE_KEPT_MS = 30 * 24 * HOUR_MS;

/**
 * An upload that no campaign uses stays this long after it was last written or a draft with it was saved: an hour longer
 * than a draft, so that no draft loses its file.
 */
export const UNUSED_UPLOAD_KEPT_MS = 25 * HOUR_MS;

/** A campaign that uses a file. */
export interface FileUser extends Pick<Campaign, 'id' | 'status'> {
  encoding: Campaign['encoding'] | undefined;
  /** Time (ms) until which it needs the file; Infinity if it has not ended. */
  until: number;
}

type FileStores = Pick<Stores, 'campaigns'>;

/** Returns the campaigns that use each file, by path. `now`: ms. */
export async function usersOfFiles(
  { campaigns }: FileStores,
  now: number,
): Promise<ReadonlyMap<string, readonly FileUser[]>> {
  const users = new Map<string, FileUser[]>();
  // In this order: a campaign that ends meanwhile is found in one of the two.
  const open = new Set(await campaigns.openIds());
  const ended = await campaigns.endedSince(now - FILE_KEPT_MS);
  for await (const page of campaigns.pages()) {
    for (const { id, status, source, createdAt, encoding } of page) {
      if (source.kind !== 'file') continue;
      const hasEnded = status === 'finished' && !open.has(id);
      const until = hasEnded ? (ended.get(id) ?? createdAt) + FILE_KEPT_MS : Infinity;
      users.set(source.path, [...(users.get(source.path) ?? []), { id, status, encoding, until }]);
    }
  }
  return users;
}

/** Returns the time (ms) until which a file is needed; -Infinity if no campaign uses it. */
export function neededUntil(users: readonly FileUser[] = []): number {
  return Math.max(...users.map(({ until }) => until));
}
