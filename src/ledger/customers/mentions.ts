/**
 * Finds names in what operators typed and in messages that quote a file: texts that belong to a campaign, a schedule
 * or the audit log, not to a customer. They cannot be erased with the customer, so `forget` reports them.
 */

import { masterNodes } from '../../kit/redis/servers.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface Mention {
  /** Without the prefix, e.g. `campaign:loyalty-issue-1`. */
  key: string;
  /** Entries of the list, or 1. */
  entries: number;
}

/** Entries of a list that are read at once. */
const PAGE = 500;

/** Kinds of keys that may hold free text. Keys with data of customers have an erasure of their own. */
const FREE_TEXT =
  /^(?:campaign:[^:]+|bulk-action:[^:]+|draft:[^:]+|schedule:[^:]+(?::runs)?|schedules:due-runs|taken:.+|alerts|audit|outbox:pause|heartbeat:.+)$/;

/** `isMentionedIn`: whether a text names the customer. */
export type IsMentionedIn = (text: string) => boolean;

export type Mentions = ReturnType<typeof makeMentions>;

export function makeMentions(redis: RedisConnection, keys: LedgerKeys) {
  const prefix = keys.audit.slice(0, -'audit'.length);

  const countIn = async (key: string, isMentionedIn: IsMentionedIn): Promise<number> => {
    switch (await redis.type(key)) {
      case 'string':
        return isMentionedIn((await redis.get(key)) ?? '') ? 1 : 0;
      case 'hash':
        return isMentionedIn(Object.entries(await redis.hgetall(key)).join('\n')) ? 1 : 0;
      case 'zset':
        return (await redis.zrange(key, 0, '-1')).filter(isMentionedIn).length;
      case 'list': {
        let entries = 0;
        for (let at = 0; ; at += PAGE) {
          const page = await redis.lrange(key, at, at + PAGE - 1);
          entries += page.filter(isMentionedIn).length;
          if (page.length < PAGE) return entries;
        }
      }
      default:
        return 0;
    }
  };

  return {
    /** Searches every key that may hold free text. Takes a second with 10,000 campaigns. */
    async find(isMentionedIn: IsMentionedIn): Promise<Mention[]> {
      const found: Mention[] = [];
      for (const node of masterNodes(redis)) {
        const scan = node.scanStream({
          match: `${prefix.replaceAll(/[*?[\]\\]/g, '\\$&')}*`,
          count: 1000,
        }) as AsyncIterable<string[]>;
        for await (const page of scan) {
          for (const key of page.filter((one) => FREE_TEXT.test(one.slice(prefix.length)))) {
            const entries = await countIn(key, isMentionedIn);
            if (entries > 0) found.push({ key: key.slice(prefix.length), entries });
          }
        }
      }
      return found.toSorted((a, b) => a.key.localeCompare(b.key));
    },
  };
}
