/** What is left in the three ledgers after a run, read from each of them as it lies there. */

import type { Redis } from 'ioredis';
import { type FailedRecord, rowOf } from '../../src/domain/failures/failed.ts';
import type { FinalState } from '../../src/domain/jobs/outcome.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';

export interface Evidence {
  /** Rows 1 to `rows`; row n is customer `c-{n}`. */
  rows: number;
  /** The campaign as it stands in Redis. */
  counters: Readonly<Record<FinalState | 'rows' | 'saves' | 'saved' | 'unsaved', number>>;
  /** Bits set in the campaign's bitmap of rows that have ended. */
  ended: number;
  /** How rows ended that stand in the failure index; every other one that has ended is done. */
  failed: ReadonlyMap<number, FinalState>;
  /** Cards made for each customer, by the witness. */
  cards: ReadonlyMap<string, readonly string[]>;
  /** The card that Bloomreach holds for a customer. */
  saved: (customer: string) => unknown;
  /** Jobs and write-backs that are left in Redis. */
  left: number;
  maxInFlight: number;
}

/** Reads it; the campaign must be over. */
export async function microBatch(
  { redis, prefix, sandbox }: { redis: Redis; prefix: string; sandbox: Sandbox },
  { id, rows }: { id: string; rows: number },
): Promise<Evidence> {
  const keys = makeLedgerKeys(prefix);
  const stored = await redis.hgetall(keys.campaign(id));
  const count = (name: string) => Number(stored[name] ?? 0);
  const queue = (name: string) => `${prefix}:pass:${name}`;
  const left = await Promise.all([
    redis.llen(queue('wait')),
    redis.llen(queue('active')),
    redis.zcard(queue('prioritized')),
    redis.zcard(queue('delayed')),
    redis.hlen(keys.outbox),
    redis.hlen(keys.parked(id)),
  ]);

  const failed = new Map<number, FinalState>();
  for (const cause of await redis.hkeys(keys.causes(id))) {
    for (const text of await redis.hvals(keys.failed(id, cause))) {
      const record = JSON.parse(text) as FailedRecord;
      failed.set(rowOf(record), stateOf(record));
    }
  }

  const cards = new Map<string, string[]>();
  for (const { customer = 'nobody', id: card } of sandbox.passes.all()) {
    cards.set(customer, [...(cards.get(customer) ?? []), card]);
  }

  return {
    rows,
    counters: {
      rows: count('rows'),
      done: count('done'),
      skipped: count('skipped'),
      rejected: count('rejected'),
      failed: count('failed'),
      unknown: count('unknown'),
      saves: count('saves'),
      saved: count('saved'),
      unsaved: count('unsaved'),
    },
    ended: await redis.bitcount(keys.settled(id)),
    failed,
    cards,
    saved: (customer) => sandbox.customers.properties(`registered:${customer}`)?.['passmachine_pass_id'],
    left: left.reduce((sum, n) => sum + n, 0),
    maxInFlight: sandbox.witness.maxInFlight('all'),
  };
}

function stateOf(record: FailedRecord): FinalState {
  if ('state' in record) return record.state;
  // A card whose write-back was given up exists; a row without a job was turned away.
  return 'writeBack' in record ? 'done' : 'rejected';
}
