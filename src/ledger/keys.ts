/**
 * Every key that the ledger keeps in Redis: what it is, how large, how long it lives.
 * All share the prefix's hash tag, so that scripts may touch them together on a Redis Cluster.
 *
 * | key                          | type   | holds                                        | size                    | lives            |
 * |------------------------------|--------|----------------------------------------------|-------------------------|------------------|
 * | campaigns:serial             | string | the last campaign's serial number            | ~80 B                   | for good         |
 * | campaigns                    | zset   | campaign id → time it was created            | ~100 B a campaign       | for good         |
 * | campaign:{id}                | hash   | its order, status, counters and cursors      | ~600 B                  | for good         |
 * | campaign:{id}:settled        | bitmap | bit n = row n has reached a final state      | rows / 8                | for good         |
 * | campaign:{id}:skipped:{reason} | bitmap | bit n = row n was skipped for that reason  | rows / 8                | for good         |
 * | campaign:{id}:failed:{code}  | hash   | job id → the job and how it failed           | ~1 kB a failed row      | until retried    |
 * | campaign:{id}:parked         | hash   | job id → its round in the queue, `:`, the job | ~1 kB, ≤ 1,000 or so; of webhooks all that wait | until queued |
 * | flight:{program}:{customer}  | string | id in the queue of the create that is out, `#`, a nonce; `?` and its job id if it ended unknown | ~150 B, ≤ cap + unknown | until it settles |
 * | flight:card:{id}             | string | the same of a change to this card | ~150 B, ≤ cap        | until it settles |
 * | c:{digest}                   | string | serial of the campaign that made this customer a fresh card in this program | 126–143 B a customer | the card TTL     |
 * | rings:{digest}               | list   | times of this card's last rings              | ~150 B a card that rang | 24 hours         |
 * | hit:{digest}                 | string | a hit's or an event's key → its id and a digest of its content | ~200 B a hit | 10 min or 24 hours |
 * | answer:{job}                 | string | what came of a job that somebody waits for   | ~300 B                  | 10 min           |
 * | people:{slice}:{shard}       | hash   | digest of a customer → id and last events    | ~180 B a customer       | TTL to 9/8 TTL   |
 * | found:{slice}:{shard}        | hash   | pairs: digest of an e-mail or card, of a customer | 70–110 B a customer | TTL to 9/8 TTL   |
 * | schedule:{name}              | hash   | how far its due times are decided, its switch, its last campaign | ~400 B | for good     |
 * | schedule:{name}:runs         | list   | what became of its last 100 runs             | ≤ 20 kB                 | for good         |
 * | schedules:firings            | hash   | campaign id → a run that is to begin         | ~200 B a run            | until it begins  |
 * | campaign:{id}:loose          | list   | write-backs that gather for an import        | ~500 B each, ≤ 100,000  | until tied       |
 * | parcels                      | zset   | parcel id → when to look at it (ms)          | ~100 B a parcel         | until fetched    |
 * | parcel:{id}                  | hash   | its campaign, rows and tries                 | ~200 B a parcel         | until fetched    |
 * | parcel:{id}:contents         | list   | its write-backs                              | ~500 B each, ≤ 100,000  | until fetched    |
 * | lease:{name}                 | string | the process that does it                     | ~100 B                  | 30 s             |
 * | taken:{source}               | zset   | file and campaign → when the file was written | ~200 B, ≤ 200 a source | for good         |
 * | outbox                       | hash   | job id → write-back not yet accepted         | ~500 B a write-back     | until accepted   |
 * | outbox:due                   | zset   | job id → when to send it (ms)                | ~100 B a write-back     | until accepted   |
 *
 * The three that grow with the customers, `c`, `people` and `found`, are why their names are
 * short. `test/ledger/memory.test.ts` measures them: `c` ≤ 160 B, all three ≤ 450 B
 * a customer; seen for 10,000 to 300,000 customers: 126–143 B, and 374–428 B.
 */

import type { FailureCode } from '../job/failure.ts';
import type { SkipReason } from '../job/outcome.ts';
import { customerKey, type PassJob, passIdOf } from '../job/pass-job.ts';
import { digest } from './digest.ts';

export type LedgerKeys = ReturnType<typeof makeLedgerKeys>;

/** Names the keys under a prefix such as `{passbridge}`. */
export function makeLedgerKeys(prefix: string) {
  return {
    campaigns: `${prefix}:campaigns`,
    campaignSerial: `${prefix}:campaigns:serial`,
    campaign: (id: string) => `${prefix}:campaign:${id}`,
    settled: (id: string) => `${prefix}:campaign:${id}:settled`,
    skipped: (id: string, reason: SkipReason) => `${prefix}:campaign:${id}:skipped:${reason}`,
    failed: (id: string, code: FailureCode) => `${prefix}:campaign:${id}:failed:${code}`,
    parked: (id: string) => `${prefix}:campaign:${id}:parked`,
    flight: (job: PassJob) =>
      job.action === 'create'
        ? `${prefix}:flight:${job.program}:${customerKey(job.customer)}`
        : `${prefix}:flight:card:${passIdOf(job.customer) ?? job.id}`,
    card: (job: PassJob) => `${prefix}:c:${digest(`${job.program} ${customerKey(job.customer)}`)}`,
    rings: (job: PassJob) => `${prefix}:rings:${digest(passIdOf(job.customer) ?? '')}`,
    hit: (key: string) => `${prefix}:hit:${key}`,
    answer: (job: string) => `${prefix}:answer:${job}`,
    /** A channel. */
    answers: `${prefix}:answers`,
    people: (slice: number, shard: number) => `${prefix}:people:${slice}:${shard}`,
    found: (slice: number, shard: number) => `${prefix}:found:${slice}:${shard}`,
    schedule: (name: string) => `${prefix}:schedule:${name}`,
    scheduleRuns: (name: string) => `${prefix}:schedule:${name}:runs`,
    firings: `${prefix}:schedules:firings`,
    outbox: `${prefix}:outbox`,
    outboxDue: `${prefix}:outbox:due`,
    lease: (name: string) => `${prefix}:lease:${name}`,
    taken: (source: string) => `${prefix}:taken:${source}`,
    loose: (campaign: string) => `${prefix}:campaign:${campaign}:loose`,
    parcels: `${prefix}:parcels`,
    parcel: (id: string) => `${prefix}:parcel:${id}`,
    parcelContents: (id: string) => `${prefix}:parcel:${id}:contents`,
  };
}
