/**
 * Every key that the ledger keeps in Redis: what it is, how large, how long it lives.
 * All share the prefix's hash tag, so that scripts may touch them together on a Redis Cluster.
 *
 * | key                          | type   | holds                                        | size                    | lives            |
 * |------------------------------|--------|----------------------------------------------|-------------------------|------------------|
 * | campaigns:serials            | hash   | serial number → campaign id; `last` → the last of them | ~50 B a campaign | for good       |
 * | campaigns                    | zset   | campaign id → time it was created            | ~100 B a campaign       | for good         |
 * | campaign:{id}                | hash   | its order, status, counters and cursors      | ~600 B                  | for good         |
 * | campaign:{id}:settled        | bitmap | bit n = row n has reached a final state      | rows / 8                | for good         |
 * | campaign:{id}:skipped:{reason} | bitmap | bit n = row n was skipped for that reason  | rows / 8                | for good         |
 * | campaign:{id}:failed:{cause} | hash   | job id, or row → the job and how it failed   | ~1 kB a failed row      | until retried; FAILURES_KEPT_DAYS once its campaign has ended |
 * | campaign:{id}:discarded      | hash   | job id, or row → the same, who discarded it and why | ~1 kB each         | FAILURES_KEPT_DAYS once its campaign has ended |
 * | campaign:{id}:causes         | hash   | cause id → its pattern, when it struck, and how often in its last hours | ≤ 700 B each, ≤ 100 and one a code | for good, or with the last of its records that is erased |
 * | campaign:{id}:parked         | hash   | job id → its round in the queue, `:`, the job | ~1 kB, ≤ 1,000 or so; of webhooks all that wait | until queued; FAILURES_KEPT_DAYS once its campaign is stopped |
 * | receipts                     | zset   | receipt id → when it was ordered             | ~100 B a receipt        | 90 days          |
 * | receipts:open                | set    | ids of receipts that wait or run             | ~50 B a receipt         | until they end   |
 * | receipt:{id}                 | hash   | a bulk act and how far it is                 | ~500 B, ≤ 30 kB with 500 selected jobs | 90 days |
 * | receipt:{id}:left-out        | list   | the first 1,000 that it left out, and why    | ≤ 120 kB                | 90 days          |
 * | flight:{digest}              | string | of a customer: id in the queue of the create that is out, `#`, a nonce; `?` and its job id if it ended unknown | ~150 B, ≤ cap + unknown | until it settles; unknown: the card TTL |
 * | flight:card:{digest}         | string | the same of a change to this card | ~150 B, ≤ cap        | until it settles |
 * | c:{digest}                   | string | serial of the campaign that made this customer a fresh card in this program | 126–143 B a customer | the card TTL     |
 * | rings:{digest}               | list   | times of this card's last rings              | ~150 B a card that rang | 24 hours         |
 * | hit:{digest}                 | string | a hit's or an event's key → its id and a digest of its content | ~200 B a hit | 10 min or 24 hours |
 * | forgotten                    | zset   | digests that name a forgotten customer → when that ends (ms) | ~100 B a customer | the card TTL |
 * | answer:{job}                 | string | what came of a job that somebody waits for   | ~300 B                  | 10 min           |
 * | people:{slice}:{shard}       | hash   | digest of a customer → id and last events    | ~170 B a customer       | TTL to 9/8 TTL   |
 * | found:{slice}:{shard}        | hash   | pairs: digest of an e-mail or card, of a customer | 70–110 B a customer | TTL to 9/8 TTL   |
 * | campaign:{id}:customers:{part} | string | digests of 4,000 rows' customers, 14 B each | 14 B a row             | TTL to 9/8 TTL   |
 * | vouchers:{pool}:left         | list   | codes that nobody has                        | ~20 B a code            | until drawn      |
 * | vouchers:{pool}:seen         | set    | all codes that were ever in the file         | ~60 B a code            | for good         |
 * | vouchers:{pool}:drawn        | hash   | job id → its code                            | ~100 B a code           | for good         |
 * | program:{version}            | string | what the programs file said of a program     | ~5 kB a version that a campaign started with | for good |
 * | schedule:{name}              | hash   | how far its due times are decided, its switch, its last campaign | ~400 B | for good     |
 * | schedule:{name}:runs         | list   | what became of its last 100 runs             | ≤ 20 kB                 | for good         |
 * | schedules:firings            | hash   | campaign id → a run that is to begin         | ~200 B a run            | until it begins  |
 * | campaign:{id}:loose          | list   | write-backs that gather for an import        | ~500 B each, ≤ 100,000  | until tied       |
 * | parcels                      | zset   | parcel id → when to look at it (ms)          | ~100 B a parcel         | until fetched    |
 * | parcel:{id}                  | hash   | its campaign, rows and tries                 | ~200 B a parcel         | until fetched    |
 * | parcel:{id}:contents         | list   | its write-backs                              | ~500 B each, ≤ 100,000  | until fetched    |
 * | session:{digest}             | string | a session of the dashboard; `removed` once signed out | ~300 B         | 8 h without use; 1 h before sign-in; 10 min once removed |
 * | web:secret                   | string | signs session cookies                        | ~100 B                  | for good         |
 * | draft:{id}                   | string | a campaign that somebody prepares            | ~400 B                  | 24 hours         |
 * | lease:{name}                 | string | the process that does it                     | ~100 B                  | 30 s             |
 * | taken:{source}               | zset   | file and campaign → when the file was written | ~200 B, ≤ 200 a source | for good         |
 * | outbox                       | hash   | job id → write-back not yet accepted         | ~500 B a write-back     | until accepted   |
 * | outbox:due                   | zset   | job id → when to send it (ms)                | ~100 B a write-back     | until accepted   |
 * | audit                        | list   | what people changed: hash, space, entry      | ~500 B an act           | for good         |
 * | audit:head                   | string | how many those are, and the hash of the last | ~150 B                  | for good         |
 * | pulse:{process}              | string | what a process last told of itself           | ~700 B a process        | 10 s             |
 * | pulses                       | zset   | process → when it last told (ms)             | ~100 B a process        | 10 min           |
 * | calls:{upstream}:{page}      | hash   | ten minutes of calls: span (ms) and process → calls, failures, durations | ~120 B a span of 10 s and process, ≤ 60 spans | 2 hours |
 * | pace:{id}                    | list   | how far the campaign was, every 5 s          | ~60 B each, ≤ 25        | 10 min           |
 * | alerting                     | hash   | channel → what it was told of                | ~2 kB a channel         | for good         |
 * | gate                         | string | there while nobody may be called; the queue writes it | ~60 B          | until calls go on |
 * | seats                        | hash   | slot → the job that is shown in it           | ~50 B a call in flight  | 1 min            |
 *
 * The three that grow with the customers, `c`, `people` and `found`, are why their names are
 * short. `test/ledger/memory.test.ts` measures them: `c` ≤ 160 B, all three ≤ 450 B
 * a customer; seen for 10,000 to 300,000 customers: 126–143 B, and 374–428 B.
 */

import type { SkipReason } from '../domain/jobs/outcome.ts';
import { customerKey, type PassJob, passIdOf } from '../domain/jobs/pass-job.ts';
import type { Upstream } from '../domain/monitoring/heartbeat.ts';
import { digest } from './digest.ts';

export type LedgerKeys = ReturnType<typeof makeLedgerKeys>;

/** Whose card, and of which program. */
type CardOf = Pick<PassJob, 'program' | 'customer'>;

const nameOf = ({ program, customer }: CardOf) => `${program} ${customerKey(customer)}`;

/** Names the keys under a prefix such as `{passbridge}`. */
export function makeLedgerKeys(prefix: string) {
  const createFlight = (whose: CardOf) => `${prefix}:flight:${digest(nameOf(whose))}`;
  const notificationsOf = (passId: string) => `${prefix}:rings:${digest(passId)}`;
  return {
    gate: `${prefix}:gate`,
    campaigns: `${prefix}:campaigns`,
    campaignSerials: `${prefix}:campaigns:serials`,
    campaign: (id: string) => `${prefix}:campaign:${id}`,
    settled: (id: string) => `${prefix}:campaign:${id}:settled`,
    skipped: (id: string, reason: SkipReason) => `${prefix}:campaign:${id}:skipped:${reason}`,
    failed: (id: string, cause: string) => `${prefix}:campaign:${id}:failed:${cause}`,
    discarded: (id: string) => `${prefix}:campaign:${id}:discarded`,
    causes: (id: string) => `${prefix}:campaign:${id}:causes`,
    bulkActions: `${prefix}:receipts`,
    openBulkActions: `${prefix}:receipts:open`,
    bulkAction: (id: string) => `${prefix}:receipt:${id}`,
    leftOut: (id: string) => `${prefix}:receipt:${id}:left-out`,
    parked: (id: string) => `${prefix}:campaign:${id}:parked`,
    flight: (job: PassJob) =>
      job.action === 'create'
        ? createFlight(job)
        : `${prefix}:flight:card:${digest(passIdOf(job.customer) ?? job.id)}`,
    createFlight,
    card: (whose: CardOf) => `${prefix}:c:${digest(nameOf(whose))}`,
    rings: (job: PassJob) => notificationsOf(passIdOf(job.customer) ?? ''),
    notificationsOf,
    forgotten: `${prefix}:forgotten`,
    request: (key: string) => `${prefix}:hit:${key}`,
    answer: (job: string) => `${prefix}:answer:${job}`,
    /** A channel. */
    answers: `${prefix}:answers`,
    vouchersLeft: (pool: string) => `${prefix}:vouchers:${pool}:left`,
    vouchersSeen: (pool: string) => `${prefix}:vouchers:${pool}:seen`,
    vouchersDrawn: (pool: string) => `${prefix}:vouchers:${pool}:drawn`,
    program: (version: string) => `${prefix}:program:${version}`,
    people: (slice: number, shard: number) => `${prefix}:people:${slice}:${shard}`,
    customersOf: (campaign: string, part: number) => `${prefix}:campaign:${campaign}:customers:${part}`,
    found: (slice: number, shard: number) => `${prefix}:found:${slice}:${shard}`,
    schedule: (name: string) => `${prefix}:schedule:${name}`,
    scheduleRuns: (name: string) => `${prefix}:schedule:${name}:runs`,
    dueRuns: `${prefix}:schedules:firings`,
    audit: `${prefix}:audit`,
    auditHead: `${prefix}:audit:head`,
    outbox: `${prefix}:outbox`,
    outboxDue: `${prefix}:outbox:due`,
    session: (idDigest: string) => `${prefix}:session:${idDigest}`,
    signingSecret: `${prefix}:web:secret`,
    draft: (id: string) => `${prefix}:draft:${id}`,
    lease: (name: string) => `${prefix}:lease:${name}`,
    taken: (source: string) => `${prefix}:taken:${source}`,
    pendingImport: (campaign: string) => `${prefix}:campaign:${campaign}:loose`,
    heartbeat: (process: string) => `${prefix}:pulse:${process}`,
    heartbeats: `${prefix}:pulses`,
    calls: (upstream: Upstream, page: number) => `${prefix}:calls:${upstream}:${page}`,
    throughput: (campaign: string) => `${prefix}:pace:${campaign}`,
    alertWatches: `${prefix}:alerting`,
    seats: `${prefix}:seats`,
    importBatches: `${prefix}:parcels`,
    importBatch: (id: string) => `${prefix}:parcel:${id}`,
    importBatchRows: (id: string) => `${prefix}:parcel:${id}:contents`,
  };
}
