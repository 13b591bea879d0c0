/** The records that `passbridge forget` will erase or has erased, as text. */

import type { FileOfCustomer } from '../../services/customers/erasure/customer-files.ts';
import type { Forgotten, ToForget } from '../../services/customers/erasure/forget.ts';
import type { Remainder } from '../../services/customers/erasure/what-remains.ts';
import type { Config } from '../../config/config.ts';
import {
  type PersonalRecordCounts,
  type PersonalRecordKind,
  personalRecordKinds,
} from '../../domain/customers/personal-data.ts';
import { formatCount } from '../../domain/presentation/format.ts';

const DAY_MS = 86_400_000;

const PRIVATE_REDIS =
  'Redis is already rewriting its append-only file, and the erased data remains in it until the next rewrite. Run the command again in a minute.';

export interface ForgetReport extends Forgotten {
  customer: string;
  /** Lines erased from the journals of cards on this machine. */
  journalLines: number;
  files: readonly (FileOfCustomer & { deleted: boolean })[];
  remains: readonly Remainder[];
  /** Whether Redis is rewriting its append-only file. */
  rewritten: boolean;
}

/** Returns the text in front of the request for confirmation. */
export function describeToForget(text: string, { customer, counts }: ToForget): string {
  if (customer === undefined) {
    return `Nothing is stored about ${text}. Rows with this id in files not yet read will be skipped.`;
  }
  return `${customer}: ${listed(counts)}.`;
}

export function describeForgotten(
  { customer, erased, busy, journalLines, files, remains, rewritten }: ForgetReport,
  { cards, redis }: Pick<Config, 'cards' | 'redis'>,
): string {
  const records = listed(erased);
  const lines = [
    records === '' ? `Nothing was stored about ${customer}.` : `Erased for ${customer}: ${records}.`,
    `For ${cards.ttlMs / DAY_MS} days, campaigns that read a file skip this customer. Erase them in Bloomreach and Passmachine as well.`,
    ...(busy > 0 ? [`Being sent right now: ${busy}. Run the same command again in a minute.`] : []),
    ...(journalLines > 0
      ? [`Erased from the journal of cards on this machine: ${formatCount(journalLines, 'line')}.`]
      : []),
    ...files.map(describeFile),
    ...(rewritten || redis.address !== undefined ? [] : [PRIVATE_REDIS]),
    'Remains:',
    ...remains.map(({ what, why }) => `  ${what}: ${why}`),
  ];
  return lines.join('\n');
}

function describeFile(file: ForgetReport['files'][number]): string {
  const { path, writtenAt, unread, deleted } = file;
  const written = new Date(writtenAt).toISOString().slice(0, 10);
  if (deleted) return `Deleted: ${path} (written ${written})`;
  const holds = unread === undefined ? 'Still holds their row' : 'May hold their row';
  return `${holds}: ${path} (written ${written}), ${retentionOf(file)}${unread === undefined ? '' : `; ${unread}`}`;
}

function retentionOf({ sweptAt, neededBy, isNew, unread }: FileOfCustomer): string {
  if (sweptAt === undefined) return 'not created by passbridge: delete it yourself';
  if (neededBy.length > 0) return `still needed by ${neededBy.join(', ')}`;
  const swept = `deleted automatically after ${new Date(sweptAt).toISOString().slice(0, 10)}`;
  if (isNew) return `${swept}; a campaign may be in preparation with it`;
  return unread === undefined ? `${swept}; --files deletes it now` : swept;
}

function listed(counts: PersonalRecordCounts): string {
  return Object.entries(counts)
    .map(([kind, count]) => {
      const [one, many] = personalRecordKinds[kind as PersonalRecordKind];
      return formatCount(count, one, many);
    })
    .join(', ');
}
