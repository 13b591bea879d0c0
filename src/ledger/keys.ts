/**
 * Every key that the ledger keeps in Redis: what it is, how large, how long it lives.
 * All share the prefix's hash tag, so that scripts may touch them together on a Redis Cluster.
 *
 * | key                          | type   | holds                                        | size                    | lives            |
 * |------------------------------|--------|----------------------------------------------|-------------------------|------------------|
 * | campaigns                    | zset   | campaign id → time it was created            | ~100 B a campaign       | for good         |
 * | campaign:{id}                | hash   | its order, status, counters and cursors      | ~600 B                  | for good         |
 * | campaign:{id}:settled        | bitmap | bit n = row n has reached a final state      | rows / 8                | for good         |
 * | campaign:{id}:failed:{code}  | hash   | job id → the job and how it failed           | ~1 kB a failed row      | until retried    |
 * | campaign:{id}:reopened       | hash   | job id → a failed job on its way to the queue | ~1 kB, ≤ a few hundred  | until queued     |
 * | flight:{program}:{customer}  | string | id of the create that is out, `?` = unknown  | ~150 B, ≤ cap + unknown | until it settles |
 * | card:{program}:{customer}    | string | id of the card issued last                   | ≤ 160 B a customer      | CARD_TTL_DAYS    |
 * | outbox                       | hash   | job id → write-back not yet accepted         | ~500 B a write-back     | until accepted   |
 * | outbox:due                   | zset   | job id → when to send it (ms)                | ~100 B a write-back     | until accepted   |
 */

import type { FailureCode } from '../job/failure.ts';
import type { PassJob } from '../job/pass-job.ts';
import { customerKey } from '../job/pass-job.ts';

export type LedgerKeys = ReturnType<typeof makeLedgerKeys>;

/** Names the keys under a prefix such as `{passbridge}`. */
export function makeLedgerKeys(prefix: string) {
  return {
    campaigns: `${prefix}:campaigns`,
    campaign: (id: string) => `${prefix}:campaign:${id}`,
    settled: (id: string) => `${prefix}:campaign:${id}:settled`,
    failed: (id: string, code: FailureCode) => `${prefix}:campaign:${id}:failed:${code}`,
    reopened: (id: string) => `${prefix}:campaign:${id}:reopened`,
    flight: (job: PassJob) => `${prefix}:flight:${job.program}:${customerKey(job.customer)}`,
    card: (job: PassJob) => `${prefix}:card:${job.program}:${customerKey(job.customer)}`,
    outbox: `${prefix}:outbox`,
    outboxDue: `${prefix}:outbox:due`,
  };
}
