/** What a finished run left behind at passbridge, Passmachine and Bloomreach, read from each of them directly. */

import type { Redis } from 'ioredis';
import { type FailedRecord, rowOf } from '../../src/domain/failures/failed.ts';
import type { FinalState } from '../../src/domain/jobs/outcome.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import type { PassQueue } from '../../src/queue/pass-queue.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import type { InterruptedCreates, Interruption } from './interrupted-creates.ts';

export interface RunRecords {
  /** Rows 1 to `rows` were sent; row n is customer `c-{n}`. */
  rows: number;
  /** The campaign's counters in Redis. */
  counters: Readonly<
    Record<FinalState | 'rows' | 'writeBacks' | 'writtenBack' | 'writeBackFailures', number>
  >;
  /** Number of bits set in the campaign's bitmap of settled rows. */
  settled: number;
  /** State of each row in the failure index. Every other settled row is done. */
  failed: ReadonlyMap<number, FinalState>;
  /** Rows whose create reached Passmachine, as recorded by the sandbox. */
  requested: ReadonlySet<number>;
  /** Every kill and suspension, oldest first. */
  interruptions: readonly Interruption[];
  /** Cards of each customer, as recorded by the sandbox. */
  cards: ReadonlyMap<string, readonly string[]>;
  /** Returns the card id that Bloomreach has for a customer. */
  savedCard: (customer: string) => unknown;
  /** Jobs and write-backs that are still in Redis. */
  leftover: number;
  maxInFlight: number;
}

interface Source {
  redis: Redis;
  prefix: string;
  sandbox: Sandbox;
  passQueue: Pick<PassQueue, 'depth'>;
  interrupted: InterruptedCreates;
}

/** Reads the records of a campaign that has ended. */
export async function readRunRecords(
  { redis, prefix, sandbox, passQueue, interrupted }: Source,
  { id, rows }: { id: string; rows: number },
): Promise<RunRecords> {
  const keys = makeLedgerKeys(prefix);
  const stored = await redis.hgetall(keys.campaign(id));
  const count = (name: string) => Number(stored[name] ?? 0);
  const { waiting, delayed, active } = await passQueue.depth();
  const [inOutbox, parked] = await Promise.all([redis.hlen(keys.outbox), redis.hlen(keys.parked(id))]);

  const failed = new Map<number, FinalState>();
  for (const cause of await redis.hkeys(keys.causes(id))) {
    for (const text of await redis.hvals(keys.failed(id, cause))) {
      const record = JSON.parse(text) as FailedRecord;
      failed.set(rowOf(record), stateOf(record));
    }
  }

  const cards = new Map<string, string[]>();
  for (const { customer = 'unknown', id: card } of sandbox.passes.all()) {
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
      writeBacks: count('writeBacks'),
      writtenBack: count('writtenBack'),
      writeBackFailures: count('writeBackFailures'),
    },
    settled: await redis.bitcount(keys.settled(id)),
    failed,
    requested: requestedRows(sandbox),
    interruptions: interrupted.interruptions,
    cards,
    savedCard: (customer) => sandbox.customers.properties(`registered:${customer}`)?.['passmachine_pass_id'],
    leftover: waiting + delayed + active + inOutbox + parked,
    maxInFlight: sandbox.witness.maxInFlight('all'),
  };
}

function requestedRows({ witness }: Sandbox): Set<number> {
  const creates = witness.entries().filter(({ kind }) => kind === 'create');
  return new Set(creates.map(({ customer = '' }) => Number(customer.replace(/^c-/, ''))));
}

function stateOf(record: FailedRecord): FinalState {
  if ('state' in record) return record.state;
  // A card whose write-back failed for good exists; a row without a job was rejected.
  return 'writeBack' in record ? 'done' : 'rejected';
}
