/**
 * What people changed, as a list that only grows: each entry is chained to the one before, so that
 * whatever is changed, removed, inserted or swapped later shows. Who can write to this Redis can
 * still forge a whole new chain: that shows by a head that was kept elsewhere.
 */

import type {
  AuditDraft,
  AuditEntry,
  AuditPage,
  AuditQuery,
  AuditVerdict,
} from '../../domain/operators/audit-entry.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { chainTo, faultIn, type Head, hashIn, noHead, readEntry } from './audit-chain.ts';
import type { LedgerKeys } from '../keys.ts';

export interface Audit {
  /**
   * Chains an entry to the newest one, however many append at once. A connection that is lost
   * meanwhile may write it twice, never not at all.
   */
  append(draft: AuditDraft): Promise<AuditEntry>;
  /** Looks at {@link MOST_READ} entries at most, so that a page may be short of its limit though there is a next one. */
  page(query: AuditQuery): Promise<AuditPage>;
  /** Reckons the whole chain anew. `expected`: the hash of some entry, kept elsewhere, that must be there still. */
  verify(expected?: string): Promise<AuditVerdict>;
}

const READ_AT_ONCE = 500;
const MOST_READ = 10_000;

/** Of those that append at once one gets through with each try. */
const MOST_TRIES = 1000;

/** The head is `number hash`, or empty. Answers with the one that there is, where it is not the one to be followed. */
const appendScript = `
local head = redis.call('GET', KEYS[2]) or ''
if head ~= ARGV[1] then return head end
redis.call('RPUSH', KEYS[1], ARGV[3])
redis.call('SET', KEYS[2], ARGV[2])`;

/** In one step, so that nothing is appended between the two. */
const endScript = `return { redis.call('GET', KEYS[2]), redis.call('LLEN', KEYS[1]) }`;

export function makeAudit(redis: RedisConnection, keys: LedgerKeys): Audit {
  const both = [keys.audit, keys.auditHead];
  const appendTo = defineScript(redis, 'appendAudit', appendScript);
  const end = defineScript(redis, 'auditEnd', endScript);

  /** All that is stored between two places, oldest first and page by page. */
  async function* pages(length: number): AsyncGenerator<string[]> {
    for (let from = 0; from < length; from += READ_AT_ONCE) {
      yield await redis.lrange(keys.audit, from, Math.min(from + READ_AT_ONCE, length) - 1);
    }
  }

  return {
    async append(draft) {
      let head = (await redis.get(keys.auditHead)) ?? '';
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const chained = chainTo(readHead(head), draft);
        const found = await appendTo(both, [head, writeHead(chained.head), chained.stored]);
        if (found === null) return { ...draft, ...chained.head };
        head = found as string;
      }
      throw new Error(`the audit grew by ${MOST_TRIES} entries before this one could be written down`);
    },

    async page({ before = Infinity, limit, on, by }) {
      const entries: AuditEntry[] = [];
      let left = Math.min(before - 1, await redis.llen(keys.audit));
      const least = Math.max(left - MOST_READ, 0);
      while (left > least && entries.length < limit) {
        const stored = await redis.lrange(keys.audit, Math.max(left - READ_AT_ONCE, least), left - 1);
        if (stored.length === 0) break;
        for (const text of stored.toReversed()) {
          if (entries.length === limit) break;
          left -= 1;
          const entry = readEntry(text);
          // What cannot be read is for `verify` to name.
          if (entry === undefined || (on ?? entry.on) !== entry.on || (by ?? entry.by) !== entry.by) continue;
          entries.push(entry);
        }
      }
      return { entries, ...(left > 0 && { next: left + 1 }) };
    },

    async verify(expected) {
      const [head, length] = (await end(both, [])) as [string | null, number];
      let place = 0;
      let hash = '';
      let isThere = expected === undefined;
      for await (const page of pages(length)) {
        for (const stored of page) {
          place += 1;
          const problem = faultIn(stored, place, hash);
          if (problem !== undefined) return { ok: false, n: place, problem };
          hash = hashIn(stored);
          isThere ||= hash === expected;
        }
      }
      const fault = faultAtEnd({ n: place, hash }, readHead(head ?? ''));
      if (fault !== undefined) return { ok: false, ...fault };
      if (!isThere) return { ok: false, problem: `no entry has the hash ${expected}` };
      return { ok: true, entries: place, head: hash };
    },
  };
}

/** What is wrong where each entry follows the one before, but the last is not the head. */
function faultAtEnd(last: Head, head: Head): { n: number; problem: string } | undefined {
  if (last.n < head.n) return { n: last.n + 1, problem: `it is gone; there were ${head.n}` };
  if (last.n > head.n) {
    return { n: head.n + 1, problem: `it was added past the head, which counts ${head.n}` };
  }
  if (writeHead(last) === writeHead(head)) return undefined;
  return { n: last.n, problem: 'it is not the one that was written last' };
}

/** A head that was tampered with is as good as one that fits no entry. */
function readHead(text: string): Head {
  if (text === '') return noHead;
  const [n, hash = ''] = text.split(' ');
  return { n: Number(n), hash };
}

function writeHead({ n, hash }: Head): string {
  return `${n} ${hash}`;
}
