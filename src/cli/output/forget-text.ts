/** Who is to be forgotten, and what came of it, in words. */

import type { FileOfCustomer } from '../../services/customers/erasure/find-files.ts';
import type { Forgotten, ToForget } from '../../services/customers/erasure/forget.ts';
import type { Config } from '../../config/config.ts';
import {
  type PersonalRecordCounts,
  type PersonalRecordKind,
  personalRecordKinds,
} from '../../domain/customers/personal-data.ts';

const DAY_MS = 86_400_000;

const OWN_LOG =
  'Redis is writing its log of changes anew already. What was erased stands in it until the next time: run the command again in a minute.';
const ANOTHERS_LOG =
  'If your Redis keeps a log of changes (AOF) or snapshots, what was erased stands in them until they are written anew: redis-cli BGREWRITEAOF.';

export interface ForgetReport extends Forgotten {
  customer: string;
  files: readonly (FileOfCustomer & { deleted: boolean })[];
  /** Whether Redis' log of changes is being written anew. */
  rewritten: boolean;
}

/** Ahead of the question. */
export function describeToForget(text: string, { customer, counts }: ToForget): string {
  if (customer === undefined) {
    return `Nothing is kept about ${text}; rows that are still to be read would be left out.`;
  }
  return `${customer}: ${listed(counts)}.`;
}

export function describeForgotten(
  { customer, erased, busy, files, rewritten }: ForgetReport,
  { cards, redis }: Pick<Config, 'cards' | 'redis'>,
): string {
  const what = listed(erased);
  const lines = [
    what === '' ? `Nothing was kept about ${customer}.` : `Erased of ${customer}: ${what}.`,
    `For ${cards.ttlMs / DAY_MS} days campaigns that read a file leave them out. In Bloomreach and Passmachine they are still to be erased.`,
    ...(busy > 0 ? [`Being sent at this moment: ${busy}. Run the same command again in a minute.`] : []),
    ...files.map(describeFile),
    ...(rewritten ? [] : [redis.address === undefined ? OWN_LOG : ANOTHERS_LOG]),
  ];
  return lines.join('\n');
}

function describeFile(file: ForgetReport['files'][number]): string {
  const { path, writtenAt, unread, deleted } = file;
  const written = new Date(writtenAt).toISOString().slice(0, 10);
  if (deleted) return `Deleted: ${path} (of ${written})`;
  const holds = unread === undefined ? 'Still holds their row' : 'May hold their row';
  return `${holds}: ${path} (of ${written}), ${rowResultOf(file)}${unread === undefined ? '' : `; ${unread}`}`;
}

function rowResultOf({ sweptAt, neededBy, isNew, unread }: FileOfCustomer): string {
  if (sweptAt === undefined) return 'which is not passbridge’s to delete';
  if (neededBy.length > 0) return `which ${neededBy.join(', ')} still needs`;
  const swept = `swept after ${new Date(sweptAt).toISOString().slice(0, 10)}`;
  if (isNew) return `${swept}; somebody may be preparing a campaign with it`;
  return unread === undefined ? `${swept}; --files deletes it now` : swept;
}

function listed(counts: PersonalRecordCounts): string {
  return Object.entries(counts)
    .map(([kind, count]) => {
      const [one, several] = personalRecordKinds[kind as PersonalRecordKind];
      return `${count} ${count === 1 ? one : several}`;
    })
    .join(', ');
}
