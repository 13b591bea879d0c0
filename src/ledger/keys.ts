/**
 * All keys that the ledger keeps in Redis: type, content, size and lifetime.
 * They share the hash tag of the prefix, so one script may touch several of them on a Redis Cluster.
 *
 * | key                          | type   | holds                                        | size                    | lives            |
 * |------------------------------|--------|----------------------------------------------|-------------------------|------------------|
 * | data-version                 | string | version of the format of all these keys      | ~70 B                   | for good         |
 * | store-marks                  | hash   | home of processes → how long it has worked, and until when (ms); `epoch` → how often the store was restored | ~70 B a home | 90 days without work |
 * | campaigns:serials            | hash   | serial number → campaign id; `last` → the highest serial number; `restored` → the halt of a restored store, `reconciled:{program}` → when its cards were reconciled (ms) | ~50 B a campaign | CAMPAIGNS_KEPT_DAYS after the campaign has ended |
 * | campaigns                    | zset   | campaign id → creation time (ms)             | ~100 B a campaign       | CAMPAIGNS_KEPT_DAYS after the campaign has ended |
 * | campaigns:open               | set    | ids of campaigns with something left to do   | ~60 B a campaign        | until they are closed |
 * | campaigns:ended              | zset   | id of a closed campaign → when it was closed (ms) | ~100 B a campaign  | CAMPAIGNS_KEPT_DAYS |
 * | campaigns:removals           | hash   | id of a campaign → how to find its data that is still to be deleted | ~200 B a campaign | until it is deleted |
 * | campaign:{id}                | hash   | order, status, counters and cursors          | ~600 B                  | CAMPAIGNS_KEPT_DAYS after it has ended |
 * | campaign:{id}:settled        | bitmap | bit n = row n has reached a final state      | rows / 8                | CAMPAIGNS_KEPT_DAYS after its campaign has ended |
 * | campaign:{id}:skipped:{reason} | bitmap | bit n = row n was skipped for that reason  | rows / 8                | CAMPAIGNS_KEPT_DAYS after its campaign has ended |
 * | campaign:{id}:failed:{cause} | hash   | job id, or row number → the job and its failure | ~1 kB a failed row   | until retried; FAILURES_KEPT_DAYS once its campaign has ended |
 * | campaign:{id}:discarded      | hash   | job id, or row number → the same, with who discarded it and why | ~1 kB each | FAILURES_KEPT_DAYS once its campaign has ended |
 * | campaign:{id}:causes         | hash   | cause id → its pattern, first and last occurrence, and counts per hour | ≤ 700 B each, ≤ 100 plus one a code | CAMPAIGNS_KEPT_DAYS after its campaign has ended, or until its last record is erased |
 * | campaign:{id}:parked         | hash   | job id → its generation, `:`, the job        | ~1 kB, ≤ about 1,000; of webhooks all that wait | until queued; FAILURES_KEPT_DAYS once its campaign is stopped |
 * | second-cards                 | set    | ids of campaigns in which a customer got a second card | ~60 B a campaign | CAMPAIGNS_KEPT_DAYS after the campaign has ended |
 * | bulk-actions                 | zset   | bulk action id → when it was ordered (ms)    | ~100 B a bulk action    | 90 days          |
 * | bulk-actions:open            | set    | ids of bulk actions that wait or run         | ~50 B a bulk action     | until they end   |
 * | bulk-action:{id}             | hash   | a bulk action and its progress               | ~500 B, ≤ 30 kB with 500 selected jobs | 90 days |
 * | bulk-action:{id}:excluded    | list   | the first 1,000 failures it excluded, and why | ≤ 120 kB               | 90 days          |
 * | in-flight:{digest}           | string | claim of a create on its customer: delivery id, `#`, run id, and `~` while it is prepared; `?` and the job id if the call ended unknown | ~150 B, ≤ max in flight + unknown | until it settles; unknown: the card TTL |
 * | in-flight:card:{digest}      | string | claim of an update or notify on its card     | ~150 B, ≤ max in flight | until it settles |
 * | c:{digest}                   | string | serial number of the campaign that issued this customer's current card of this program, and 36 bits of the card's digest | 156–172 B a customer | the card TTL |
 * | card-change:{digest}         | string | order of the newest update or notification of these fields of this card that is done | 185–201 B a changed card | the card TTL |
 * | card-waiting:{digest}        | hash   | orders of the changes of these fields of this card that wait for each other → until when (ms) | ~60 B a waiting change | until they are done, or 5 s after their next attempt |
 * | change-order                 | string | the last order that was given to a change    | ~80 B                   | for good         |
 * | notifications:{digest}       | list   | times (ms) of this card's latest notifications | ~150 B a notified card | 24 hours         |
 * | webhook-request:{digest}     | string | idempotency key of a webhook request or event → its id and a digest of its content | ~200 B each | 10 min or 24 hours |
 * | early-proofs                 | hash   | job id → the card that an event names as made by this job, which has not ended | ~250 B, ≤ creates in flight or waiting | until the job ends, at most 7 days |
 * | forgotten                    | zset   | digest that names a forgotten customer → when the entry ends (ms) | ~100 B a customer | the card TTL |
 * | answer:{job}                 | string | result of a job whose sender waits for it    | ~300 B                  | 10 min           |
 * | customers:{slice}:{shard}    | hash   | digest of a customer → id and latest timeline events | ~170 B a customer | TTL to 9/8 TTL   |
 * | customer-lookup:{slice}:{shard} | hash | pairs: digest of an email or card id, digest of its customer | 70–110 B a customer | TTL to 9/8 TTL |
 * | campaign:{id}:customers:{part} | string | digests of the customers of 4,000 rows, 14 B each | 14 B a row         | TTL to 9/8 TTL   |
 * | vouchers:{pool}:left         | list   | codes not yet drawn                          | ~20 B a code            | until drawn      |
 * | vouchers:{pool}:seen         | set    | all codes ever read from the file            | ~60 B a code            | for good         |
 * | vouchers:{pool}:drawn        | hash   | job id → its code                            | ~100 B a code           | for good         |
 * | programs                     | zset   | program version → when it was last stored (ms) | ~100 B a version      | until its last campaign is deleted |
 * | program:{version}            | string | source of a program in the programs file     | ~5 kB a version that a campaign started with | until its last campaign is deleted |
 * | schedule:{name}              | hash   | last decided due time, enabled or not, last campaign | ~400 B          | for good         |
 * | schedule:{name}:runs         | list   | results of its last 100 runs                 | ≤ 20 kB                 | for good         |
 * | schedules:due-runs           | hash   | campaign id → a run to be started            | ~200 B a run            | until it starts  |
 * | campaign:{id}:pending-import | list   | write-backs not yet sealed into an import batch | ~500 B each, ≤ 100,000 | until sealed   |
 * | w:{digest}                   | string | date of this customer's latest write-back while one may be imported; see write-back/record-write-back.ts | ~140 B a write-back on its way by import | until one minute after it was fetched; at most 2 days |
 * | import-batches               | zset   | import batch id → when it is due (ms)        | ~100 B a batch          | until fetched    |
 * | import-batch:{id}            | hash   | its campaign, number of rows and requests; `fallsBack` while its rows move to the outbox | ~200 B a batch          | until fetched    |
 * | import-batch:{id}:rows       | list   | its write-backs; an empty text for one that was erased or left out | ~500 B each, ≤ 100,000  | until fetched    |
 * | session:{digest}             | string | a session of the dashboard; `removed` after signing out | ~300 B       | 8 h without use; 1 h before sign-in; 10 min once removed |
 * | web:secret                   | string | key that signs session cookies               | ~100 B                  | for good         |
 * | draft:{id}                   | string | a campaign being prepared                    | ~400 B                  | 24 hours         |
 * | lease:{name}                 | string | id of the process that holds the lease       | ~100 B                  | 30 s to 2 h      |
 * | taken:{source}               | zset   | file and campaign → when the file was written (ms) | ~200 B, ≤ 200 a source | CAMPAIGNS_KEPT_DAYS after its campaign has ended; the newest file for good |
 * | outbox                       | hash   | job id → write-back not yet accepted         | ~500 B a write-back     | until accepted   |
 * | outbox:due                   | zset   | job id → when to send it (ms)                | ~100 B a write-back     | until accepted   |
 * | outbox:pause                 | hash   | until when no write-back is sent, since when and why; see write-back/bloomreach-pause.ts | ~500 B | until Bloomreach accepts a batch |
 * | audit                        | list   | changes by operators: hash, space, entry     | ~500 B an entry         | for good         |
 * | audit:head                   | string | number of entries and hash of the last one   | ~150 B                  | for good         |
 * | heartbeat:{process}          | string | last heartbeat of a process                  | ~700 B a process        | 10 s             |
 * | write-probe                  | string | empty; written by readiness probes           | ~80 B                   | 10 s             |
 * | heartbeats                   | zset   | process → time of its last heartbeat (ms)    | ~100 B a process        | 10 min           |
 * | calls:{upstream}:{page}      | hash   | ten minutes of calls: start of a bucket (ms) and process → calls, failures, durations | ~120 B a bucket of 10 s and process, ≤ 60 buckets | 2 hours |
 * | throughput:{id}              | list   | progress of the campaign, every 5 s          | ~60 B each, ≤ 25        | 10 min           |
 * | alerts                       | hash   | channel → the alerts, and the ends of campaigns, it was notified of | ~10 kB a channel | for good    |
 * | create-doubt                 | hash   | while creates are in doubt: who sends a trial and until when, failed trials, and when the next may begin | ~200 B | until a create succeeds |
 * | gate                         | string | exists while no job is taken: the failure code that closed it; while `PM_RATE_LIMITED`, no call may start; see queue/pass-queue.ts | ~80 B           | until calls resume |
 *
 * `c`, `customers` and `customer-lookup` grow with the number of customers. `test/ledger/memory.process.test.ts`
 * measures them: with 40,000 customers, `c` takes 167 B, all three 466 B a customer, and `card-change` 195 B a card. The
 * hash tables of Redis make that up to 10 B less, or 6 B more, for other numbers. `c` is short because its name is stored
 * once for each customer.
 */

import { hash } from 'node:crypto';
import type { SkipReason } from '../domain/jobs/outcome.ts';
import { customerKey, type PassJob, passIdOf, type QueuedJob } from '../domain/jobs/pass-job.ts';
import type { Upstream } from '../domain/monitoring/heartbeat.ts';

export type LedgerKeys = ReturnType<typeof makeLedgerKeys>;

/** Identifies a card by program and customer. */
type CardOwner = Pick<PassJob, 'program' | 'customer'>;

const cardName = ({ program, customer }: CardOwner) => `${program} ${customerKey(customer)}`;

/** Names the changes of a card that can overtake each other: those of one kind that set the same fields. */
const changeDigest = ({ customer, action, fields = '' }: QueuedJob) =>
  digest(`${passIdOf(customer) ?? ''} ${action} ${fields}`);

/**
 * Returns an id as one part of a key. A `:` is escaped: ids come in by addresses, bodies and the command line, and
 * `{id}:settled` must not name another key of a campaign.
 */
const part = (id: string) => id.replaceAll(/[%:]/g, encodeURIComponent);

/** Names the keys under a prefix such as `{passbridge}`. */
export function makeLedgerKeys(prefix: string) {
  const inFlightCreate = (owner: CardOwner) => `${prefix}:in-flight:${digest(cardName(owner))}`;
  const notificationsOfCard = (passId: string) => `${prefix}:notifications:${digest(passId)}`;
  return {
    dataVersion: `${prefix}:data-version`,
    storeMarks: `${prefix}:store-marks`,
    gate: `${prefix}:gate`,
    createDoubt: `${prefix}:create-doubt`,
    campaigns: `${prefix}:campaigns`,
    openCampaigns: `${prefix}:campaigns:open`,
    endedCampaigns: `${prefix}:campaigns:ended`,
    campaignSerials: `${prefix}:campaigns:serials`,
    campaign: (id: string) => `${prefix}:campaign:${part(id)}`,
    settled: (id: string) => `${prefix}:campaign:${part(id)}:settled`,
    skipped: (id: string, reason: SkipReason) => `${prefix}:campaign:${part(id)}:skipped:${reason}`,
    failed: (id: string, cause: string) => `${prefix}:campaign:${part(id)}:failed:${part(cause)}`,
    discarded: (id: string) => `${prefix}:campaign:${part(id)}:discarded`,
    causes: (id: string) => `${prefix}:campaign:${part(id)}:causes`,
    secondCards: `${prefix}:second-cards`,
    bulkActions: `${prefix}:bulk-actions`,
    openBulkActions: `${prefix}:bulk-actions:open`,
    bulkAction: (id: string) => `${prefix}:bulk-action:${part(id)}`,
    excluded: (id: string) => `${prefix}:bulk-action:${part(id)}:excluded`,
    parked: (id: string) => `${prefix}:campaign:${part(id)}:parked`,
    inFlight: (job: PassJob) =>
      job.action === 'create'
        ? inFlightCreate(job)
        : `${prefix}:in-flight:card:${digest(passIdOf(job.customer) ?? job.id)}`,
    inFlightCreate,
    card: (owner: CardOwner) => `${prefix}:c:${digest(cardName(owner))}`,
    changeOrder: `${prefix}:change-order`,
    cardChange: (job: QueuedJob) => `${prefix}:card-change:${changeDigest(job)}`,
    cardWaiting: (job: QueuedJob) => `${prefix}:card-waiting:${changeDigest(job)}`,
    notifications: (job: PassJob) => notificationsOfCard(passIdOf(job.customer) ?? ''),
    notificationsOfCard,
    earlyProofs: `${prefix}:early-proofs`,
    forgotten: `${prefix}:forgotten`,
    webhookRequest: (key: string) => `${prefix}:webhook-request:${key}`,
    answer: (job: string) => `${prefix}:answer:${part(job)}`,
    /** A pub/sub channel. */
    answers: `${prefix}:answers`,
    vouchersLeft: (pool: string) => `${prefix}:vouchers:${part(pool)}:left`,
    vouchersSeen: (pool: string) => `${prefix}:vouchers:${part(pool)}:seen`,
    vouchersDrawn: (pool: string) => `${prefix}:vouchers:${part(pool)}:drawn`,
    removals: `${prefix}:campaigns:removals`,
    programVersions: `${prefix}:programs`,
    program: (version: string) => `${prefix}:program:${part(version)}`,
    customers: (slice: number, shard: number) => `${prefix}:customers:${slice}:${shard}`,
    customerLookup: (slice: number, shard: number) => `${prefix}:customer-lookup:${slice}:${shard}`,
    rowCustomers: (campaign: string, block: number) =>
      `${prefix}:campaign:${part(campaign)}:customers:${block}`,
    schedule: (name: string) => `${prefix}:schedule:${part(name)}`,
    scheduleRuns: (name: string) => `${prefix}:schedule:${part(name)}:runs`,
    dueRuns: `${prefix}:schedules:due-runs`,
    audit: `${prefix}:audit`,
    auditHead: `${prefix}:audit:head`,
    outbox: `${prefix}:outbox`,
    outboxDue: `${prefix}:outbox:due`,
    bloomreachPause: `${prefix}:outbox:pause`,
    session: (idDigest: string) => `${prefix}:session:${idDigest}`,
    signingSecret: `${prefix}:web:secret`,
    draft: (id: string) => `${prefix}:draft:${part(id)}`,
    lease: (name: string) => `${prefix}:lease:${name}`,
    taken: (source: string) => `${prefix}:taken:${part(source)}`,
    latestWriteBack: (customer: string) => `${prefix}:w:${digest(customer)}`,
    pendingImport: (campaign: string) => `${prefix}:campaign:${part(campaign)}:pending-import`,
    heartbeat: (process: string) => `${prefix}:heartbeat:${process}`,
    heartbeats: `${prefix}:heartbeats`,
    writeProbe: `${prefix}:write-probe`,
    calls: (upstream: Upstream, page: number) => `${prefix}:calls:${upstream}:${page}`,
    throughput: (campaign: string) => `${prefix}:throughput:${part(campaign)}`,
    alertWatches: `${prefix}:alerts`,
    importBatches: `${prefix}:import-batches`,
    importBatch: (id: string) => `${prefix}:import-batch:${part(id)}`,
    importBatchRows: (id: string) => `${prefix}:import-batch:${part(id)}:rows`,
  };
}

/** 84 bits: ten million names collide with a probability of 1 in 10^11. Redis stores 14 characters in 16 bytes; the next size is 32. */
const DIGEST_LENGTH = 14;

/** Shortens a text to 14 characters of base64url, for keys and fields of which there may be millions. */
export function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, DIGEST_LENGTH);
}
