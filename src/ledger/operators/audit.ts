/**
 * The audit trail: an append-only list of hash-chained entries. Verification detects entries that were changed,
 * removed, inserted or swapped. Someone with write access to Redis can still forge a complete new chain; a head kept
 * elsewhere detects that.
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
   * Appends an entry; safe under concurrent appends. If the connection is lost meanwhile, the entry may be written
   * twice, but it is never lost.
   */
  append(draft: AuditDraft): Promise<AuditEntry>;
  /** Scans at most {@link MAX_SCANNED} entries, so a page may be shorter than its limit although there is a next one. */
  page(query: AuditQuery): Promise<AuditPage>;
  /** Recomputes the whole chain. `expected`: hash of an entry, kept elsewhere, that must still exist. */
  verify(expected?: string): Promise<AuditVerdict>;
}

const PAGE = 500;
const MAX_SCANNED = 10_000;

/** Of concurrent appends, one succeeds with each attempt. */
const MAX_ATTEMPTS = 1000;

/** Compares and sets the head, `number hash` or empty. Returns the current head if it is not the expected one. KEYS: audit, head. ARGV: expected head, new head, entry. */
const appendScript = `
local head = redis.call('GET', KEYS[2]) or ''
if head ~= ARGV[1] then return head end
redis.call('RPUSH', KEYS[1], ARGV[3])
redis.call('SET', KEYS[2], ARGV[2])`;

/** Reads both atomically. */
const endScript = `return { redis.call('GET', KEYS[2]), redis.call('LLEN', KEYS[1]) }`;

export function makeAudit(redis: RedisConnection, keys: LedgerKeys): Audit {
  const both = [keys.audit, keys.auditHead];
  const appendTo = defineScript(redis, 'appendAudit', appendScript);
  const end = defineScript(redis, 'auditEnd', endScript);

  /** The first `length` stored entries, oldest first, in pages. */
  async function* pages(length: number): AsyncGenerator<string[]> {
    for (let from = 0; from < length; from += PAGE) {
      yield await redis.lrange(keys.audit, from, Math.min(from + PAGE, length) - 1);
    }
  }

  return {
    async append(draft) {
      let head = (await redis.get(keys.auditHead)) ?? '';
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const chained = chainTo(readHead(head), draft);
        const found = await appendTo(both, [head, writeHead(chained.head), chained.stored]);
        if (found === null) return { ...draft, ...chained.head };
        head = found as string;
      }
      throw new Error(
        `could not append to the audit trail: ${MAX_ATTEMPTS} other entries were appended meanwhile. Try again.`,
      );
    },

    async page({ before = Infinity, limit, target, by }) {
      const entries: AuditEntry[] = [];
      let left = Math.min(before - 1, await redis.llen(keys.audit));
      const least = Math.max(left - MAX_SCANNED, 0);
      while (left > least && entries.length < limit) {
        const stored = await redis.lrange(keys.audit, Math.max(left - PAGE, least), left - 1);
        if (stored.length === 0) break;
        for (const text of stored.toReversed()) {
          if (entries.length === limit) break;
          left -= 1;
          const entry = readEntry(text);
          // `verify` reports malformed entries.
          if (
            entry === undefined ||
            (target ?? entry.target) !== entry.target ||
            (by ?? entry.by) !== entry.by
          )
            continue;
          entries.push(entry);
        }
      }
      return { entries, ...(left > 0 && { next: left + 1 }) };
    },

    async verify(expected) {
      const [head, length] = (await end(both, [])) as [string | null, number];
      let n = 0;
      let hash = '';
      let isThere = expected === undefined;
      for await (const page of pages(length)) {
        for (const stored of page) {
          n += 1;
          const problem = faultIn(stored, n, hash);
          if (problem !== undefined) return { ok: false, n, problem };
          hash = hashIn(stored);
          isThere ||= hash === expected;
        }
      }
      const fault = faultAtEnd({ n, hash }, readHead(head ?? ''));
      if (fault !== undefined) return { ok: false, ...fault };
      if (!isThere) return { ok: false, problem: `no entry has the hash ${expected}` };
      return { ok: true, entries: n, head: hash };
    },
  };
}

/** Checks the last entry of an intact chain against the head. */
function faultAtEnd(last: Head, head: Head): { n: number; problem: string } | undefined {
  if (last.n < head.n) return { n: last.n + 1, problem: `it is missing; there were ${head.n} entries` };
  if (last.n > head.n) {
    return {
      n: head.n + 1,
      problem: `it was appended without updating the head, which counts ${head.n} entries`,
    };
  }
  if (writeHead(last) === writeHead(head)) return undefined;
  return { n: last.n, problem: 'it is not the entry that was written last' };
}

/** A malformed head matches no entry. */
function readHead(text: string): Head {
  if (text === '') return noHead;
  const [n, hash = ''] = text.split(' ');
  return { n: Number(n), hash };
}

function writeHead({ n, hash }: Head): string {
  return `${n} ${hash}`;
}
