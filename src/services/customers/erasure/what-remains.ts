/** What an erasure leaves, where, and why: the part of the report that an answer to the customer has to rely on. */

import type { Config } from '../../../config/config.ts';
import type { Mention } from '../../../ledger/customers/mentions.ts';
import type { Stores } from '../../stores.ts';
import { isWordIn } from './file-search.ts';
import type { ToForget } from './forget.ts';

export interface Remainder {
  what: string;
  /** Why it remains, and what an operator can do. */
  why: string;
}

const DAY_MS = 86_400_000;

/** Shorter names, such as a house number, occur in other texts by chance. */
const MIN_NAME_LENGTH = 4;

/** Searches the texts that cannot be erased with a customer, and lists what passbridge does not reach. */
export async function findWhatRemains(
  { mentions }: Pick<Stores, 'mentions'>,
  { cards, redis }: Pick<Config, 'cards' | 'redis'>,
  forgotten: Pick<ToForget, 'ids' | 'emails' | 'details' | 'passIds'>,
  { alsoCardMarkers }: { alsoCardMarkers: boolean },
): Promise<Remainder[]> {
  const found = await mentions.find(mentionOf(forgotten));
  return [
    ...found.map(describeMention),
    ...(alsoCardMarkers
      ? []
      : [
          {
            what: 'the record that they have a card, as a digest',
            why: `kept for ${cards.ttlMs / DAY_MS} days, or a campaign with an old export would issue a second card; --also-card-markers erases it`,
          },
        ]),
    {
      what: 'the audit log: operators, times, reasons, and a digest of the customer',
      why: 'kept for good, because it proves who changed what',
    },
    {
      what: 'backups of Redis and of DATA_DIR, archives of passbridge backup',
      why: 'passbridge does not reach them: delete them as they age, and run forget again after a restore',
    },
    ...(redis.address === undefined
      ? []
      : [
          {
            what: 'the append-only file and the snapshots of your Redis',
            why: 'until they are rewritten: redis-cli BGREWRITEAOF',
          },
        ]),
    {
      what: 'your exports, results and logs outside DATA_DIR, and the journals of other machines',
      why: 'they are yours; run forget on every machine with workers, or wait 24 hours for the journals',
    },
    { what: 'their data at Passmachine and Bloomreach', why: 'those systems own it: erase it there' },
  ];
}

/** Returns the check for a text that names the customer. */
function mentionOf({ ids, emails, details, passIds }: Parameters<typeof findWhatRemains>[2]) {
  const values = ids.map((id) => id.slice(id.indexOf(':') + 1));
  const names = [...values, ...emails, ...details, ...passIds]
    .map((name) => name.trim().toLowerCase())
    .filter(({ length }) => length >= MIN_NAME_LENGTH);
  return (text: string) => {
    const lowered = `\n${text.toLowerCase()}\n`;
    return names.some((name) => isWordIn(lowered, name));
  };
}

function describeMention({ key, entries }: Mention): Remainder {
  const what = `a mention in ${key}${entries > 1 ? ` (${entries} entries)` : ''}`;
  return { what, why: whyMentioned(key) };
}

function whyMentioned(key: string): string {
  const [kind = ''] = key.split(':');
  switch (kind) {
    case 'audit':
      return 'an operator typed it, e.g. as a reason; the audit log is kept for good';
    case 'campaign':
    case 'bulk-action':
    case 'draft':
      return 'an operator typed it, e.g. as a text, a condition or a reason; it is deleted with the campaign or bulk action';
    case 'taken':
      return 'the name of a file at the source; rename the files there';
    default:
      return 'a message quotes it; it is replaced by the next one of its kind';
  }
}
