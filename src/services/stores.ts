/** Opens all stores in Redis, after checking that this Redis is configured safely and its data is current. */

import { UserError } from '../kit/user-error.ts';
import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { systemClock } from '../kit/clock.ts';
import { withDeadline } from '../kit/deadline.ts';
import type { RepairOptions } from '../kit/private-redis/repair.ts';
import { openPrivateRedis } from '../kit/private-redis/private-redis.ts';
import { redisProblems, redisShortage } from '../kit/redis/check.ts';
import { describeRefusal } from '../kit/redis/refusal.ts';
import { readRedisClock } from '../kit/redis/redis-clock.ts';
import { waitForRedis } from '../kit/redis/wait-for-redis.ts';
import {
  duplicateConnection,
  connectRedis,
  countConnects,
  type RedisConnection,
} from '../kit/redis/redis.ts';
import { type Audit, makeAudit } from '../ledger/operators/audit.ts';
import { type CampaignLedger, makeCampaignLedger } from '../ledger/campaigns/campaign-ledger.ts';
import { type CampaignRemoval, makeCampaignRemoval } from '../ledger/campaigns/campaign-removal.ts';
import { type CampaignSwitch, makeCampaignSwitch } from '../ledger/campaigns/campaign-switch.ts';
import { type Forgotten, makeForgotten } from '../ledger/customers/forgotten.ts';
import { type FailureActions, makeFailureActions } from '../ledger/failures/failure-actions.ts';
import { type FailureIndex, makeFailureIndex } from '../ledger/failures/failure-index.ts';
import { makeUnknownCreates, type UnknownCreates } from '../ledger/failures/unknown-creates.ts';
import { type CreateDoubts, makeCreateDoubts } from '../ledger/jobs/create-doubts.ts';
import { type FreshCards, makeFreshCards } from '../ledger/jobs/fresh-cards.ts';
import { type JobLedger, makeJobLedger } from '../ledger/jobs/job-ledger.ts';
import { type Answers, makeAnswers } from '../ledger/intake/answers.ts';
import { type Drafts, makeDrafts } from '../ledger/campaigns/drafts.ts';
import { makeMentions, type Mentions } from '../ledger/customers/mentions.ts';
import { type EarlyProofs, makeEarlyProofs } from '../ledger/intake/early-proofs.ts';
import { type EventInbox, makeEventInbox } from '../ledger/intake/event-inbox.ts';
import { type Leases, makeLeases } from '../ledger/leases.ts';
import { DATA_VERSION, type DataVersion, deleteKeys, makeDataVersion } from '../ledger/data-version.ts';
import { makeLedgerKeys } from '../ledger/keys.ts';
import { type Inbox, makeInbox } from '../ledger/intake/inbox.ts';
import { makeThroughputLedger, type ThroughputLedger } from '../ledger/monitoring/throughput-samples.ts';
import { makeHeartbeatLedger, type HeartbeatLedger } from '../ledger/monitoring/heartbeats.ts';
import { makeWriteProbe } from '../ledger/monitoring/write-probe.ts';
import { type BloomreachPauses, makeBloomreachPauses } from '../ledger/write-back/bloomreach-pause.ts';
import { makeOutbox, type Outbox } from '../ledger/write-back/outbox.ts';
import { makeImportBatches, type ImportBatches } from '../ledger/write-back/import-batches.ts';
import { makeParkedJobs, type ParkedJobs } from '../ledger/jobs/parked-jobs.ts';
import { makeBulkActions, type BulkActions } from '../ledger/failures/bulk-actions.ts';
import { makeTakenFiles, type TakenFiles } from '../ledger/campaigns/taken-files.ts';
import { makeNotificationLimits, type NotificationLimits } from '../ledger/jobs/notification-limits.ts';
import { makeRowResults, type RowResults } from '../ledger/jobs/row-results.ts';
import { makeSessions, type Sessions } from '../ledger/operators/sessions.ts';
import { makeReconcileCards, type ReconcileCards } from '../ledger/store/reconcile-cards.ts';
import { makeStoreMarks, type StoreMarks } from '../ledger/store/store-marks.ts';
import { makeStoreNotice, type StoreNotice } from '../ledger/store/store-notice.ts';
import { makeScheduleLedger, type ScheduleLedger } from '../ledger/campaigns/schedules.ts';
import { makeProgramVersions, type ProgramVersions } from '../ledger/campaigns/program-versions.ts';
import { type AlertWatches, makeAlertWatches } from '../ledger/monitoring/alert-watches.ts';
import { makeVouchers, type Vouchers } from '../ledger/campaigns/vouchers.ts';
import { makeTimelineWriter } from '../ledger/customers/timeline-writer.ts';
import { makeCustomerIndex, type CustomerIndex } from '../ledger/customers/customer-index.ts';
import { type CampaignQueue, openCampaignQueue } from '../queue/campaign-queue.ts';
import { openPassLimits, type PassLimits } from '../limiter/pass-limits.ts';
import { liveness } from '../queue/names.ts';
import { openPassQueue, type PassQueue } from '../queue/pass-queue.ts';
import { openPermits, type Permits } from '../limiter/permits.ts';

export interface Stores {
  redis: RedisConnection;
  /** Number of connections made so far, see `countConnects`. */
  connects: () => number;
  prefix: string;
  jobs: JobLedger;
  createDoubts: CreateDoubts;
  campaigns: CampaignLedger;
  campaignSwitch: CampaignSwitch;
  campaignRemoval: CampaignRemoval;
  schedules: ScheduleLedger;
  parked: ParkedJobs;
  notificationLimits: NotificationLimits;
  rowResults: RowResults;
  takenFiles: TakenFiles;
  programVersions: ProgramVersions;
  vouchers: Vouchers;
  alertWatches: AlertWatches;
  leases: Leases;
  drafts: Drafts;
  sessions: Sessions;
  inbox: Inbox;
  eventInbox: EventInbox;
  answers: Answers;
  earlyProofs: EarlyProofs;
  mentions: Mentions;
  outbox: Outbox;
  bloomreachPauses: BloomreachPauses;
  importBatches: ImportBatches;
  failures: FailureIndex;
  audit: Audit;
  failureActions: FailureActions;
  unknownCreates: UnknownCreates;
  bulkActions: BulkActions;
  heartbeats: HeartbeatLedger;
  throughput: ThroughputLedger;
  /** Rejects with Redis' reason if it stores nothing now. */
  probeWrite: () => Promise<void>;
  /** For customer search; undefined if CUSTOMER_INDEX is off. */
  customers: CustomerIndex | undefined;
  /** For erasure: if CUSTOMER_INDEX was turned off, the index still holds customers of earlier runs. */
  customerIndex: CustomerIndex;
  forgotten: Forgotten;
  storeMarks: StoreMarks;
  storeNotice: StoreNotice;
  reconcileCards: ReconcileCards;
  freshCards: FreshCards;
  passQueue: PassQueue;
  passLimits: PassLimits;
  permits: Permits;
  campaignQueue: CampaignQueue;
  /** Deletes everything under the prefix; only for a prefix that a demo uses alone. */
  wipe(): Promise<void>;
  /** Closes the connections; a private Redis stops with its last user. */
  close(): Promise<void>;
}

export interface Host {
  /** The process's environment, for finding or downloading a redis-server. */
  env: Readonly<Record<string, string | undefined>>;
  /** Prints a line for the operator, e.g. that a private Redis is being downloaded. */
  say: (line: string) => void;
  /** Deletes data of an older version instead of refusing to start. */
  wipeOldData?: boolean | undefined;
  /** Milliseconds after which an unreachable Redis is an error; absent: passbridge waits for it. */
  redisTimeoutMs?: number;
  /** Repairs the private Redis if the end of its file is damaged, instead of refusing to start. */
  repairStore?: boolean | undefined;
}

const CLOSE_TIMEOUT_MS = 1000;

/** Throws a {@link UserError}, or a `PrivateRedisError` if no private Redis could be started. */
export async function openStores(
  config: Config,
  { env, say, wipeOldData = false, redisTimeoutMs }: Host,
  repair?: RepairOptions,
): Promise<Stores> {
  const { address, prefix, serverBin } = config.redis;
  const { dataDir } = config.files;
  const own =
    address === undefined
      ? await openPrivateRedis({ dataDir, env, binary: serverBin, repair, say })
      : undefined;
  const redis = connectRedis(address ?? { path: own?.path ?? '' });
  const closeRedis = async () => {
    redis.disconnect();
    await own?.close();
  };

  const unreachable = await waitForRedis(redis, { say, giveUpAfterMs: redisTimeoutMs });
  const problems = unreachable === undefined ? await redisProblems(redis) : [unreachable];
  if (problems.length > 0) {
    await closeRedis();
    throw new UserError('REDIS_MISCONFIGURED', problems.join('\n'));
  }

  await readRedisClock(redis, prefix);
  const shortage = await redisShortage(redis).catch(() => undefined);
  if (shortage !== undefined) say(describeRefusal(shortage));

  const keys = makeLedgerKeys(prefix);
  const outdated = await dataProblem(makeDataVersion(redis, keys, prefix), { prefix, wipeOldData, say });
  if (outdated !== undefined) {
    await closeRedis();
    throw new UserError('OUTDATED_DATA', outdated);
  }

  const { replicas: minReplicas } = config.redis;
  const replicas = minReplicas === 0 ? undefined : { redis: duplicateConnection(redis), minReplicas };
  const connects = countConnects(redis);
  const replicaConnects = replicas && countConnects(replicas.redis);
  const { ttlMs, customerIndex: isIndexOn } = config.cards;
  const { idTypes } = config.customers;
  const customerIndex = makeCustomerIndex(redis, keys, { ttlMs, idTypes });
  const timeline = isIndexOn ? makeTimelineWriter(keys, { ttlMs, clock: systemClock }) : undefined;
  const answers = makeAnswers(redis, keys);
  const passQueue = openPassQueue(redis, prefix);
  const campaignQueue = openCampaignQueue(redis, prefix);
  return {
    redis,
    connects: () => connects() + (replicaConnects?.() ?? 0),
    prefix,
    createDoubts: makeCreateDoubts(redis, keys),
    jobs: makeJobLedger(redis, keys, { cardTtlMs: ttlMs, timeline, replicas, clock: systemClock }),
    customers: isIndexOn ? customerIndex : undefined,
    customerIndex,
    forgotten: makeForgotten(redis, keys, { ttlMs }),
    campaigns: makeCampaignLedger(redis, keys),
    campaignSwitch: makeCampaignSwitch(redis, keys),
    campaignRemoval: makeCampaignRemoval(redis, keys),
    schedules: makeScheduleLedger(redis, keys),
    parked: makeParkedJobs(redis, keys),
    notificationLimits: makeNotificationLimits(redis, keys),
    rowResults: makeRowResults(redis, keys),
    takenFiles: makeTakenFiles(redis, keys),
    programVersions: makeProgramVersions(redis, keys, systemClock),
    vouchers: makeVouchers(redis, keys),
    alertWatches: makeAlertWatches(redis, keys),
    leases: makeLeases(redis, keys),
    drafts: makeDrafts(redis, keys),
    sessions: makeSessions(redis, keys),
    inbox: makeInbox(redis, keys, replicas),
    eventInbox: makeEventInbox(redis, keys, { timeline, replicas }),
    answers,
    earlyProofs: makeEarlyProofs(redis, keys),
    mentions: makeMentions(redis, keys),
    outbox: makeOutbox(redis, keys, timeline),
    bloomreachPauses: makeBloomreachPauses(redis, keys),
    importBatches: makeImportBatches(redis, keys, timeline),
    failures: makeFailureIndex(redis, keys),
    audit: makeAudit(redis, keys),
    failureActions: makeFailureActions(redis, keys, timeline),
    unknownCreates: makeUnknownCreates(redis, keys, { timeline, cardTtlMs: ttlMs }),
    bulkActions: makeBulkActions(redis, keys),
    heartbeats: makeHeartbeatLedger(redis, keys),
    throughput: makeThroughputLedger(redis, keys),
    probeWrite: makeWriteProbe(redis, keys),
    storeMarks: makeStoreMarks(redis, keys, replicas),
    storeNotice: makeStoreNotice(redis, keys),
    reconcileCards: makeReconcileCards(redis, keys, { ttlMs }),
    freshCards: makeFreshCards(redis, keys),
    passQueue,
    passLimits: openPassLimits(redis, prefix, config.passmachine),
    permits: openPermits(redis, prefix, {
      process: randomUUID(),
      leaseMs: liveness.lockDuration,
      configured: config.passmachine,
      replicas,
    }),
    campaignQueue,
    wipe: () => deleteKeys(redis, prefix),
    async close() {
      answers.close();
      replicas?.redis.disconnect();
      // They would wait for a Redis that is away. The process ends in any case.
      await withDeadline(
        CLOSE_TIMEOUT_MS,
        () => Promise.all([passQueue.close(), campaignQueue.close()]),
        () => new Error('Redis does not answer'),
      ).catch(() => {});
      await closeRedis();
    },
  };
}

/** Checks the version of the stored data, or deletes older data if allowed. Returns the problem for the operator. */
async function dataProblem(
  data: DataVersion,
  { prefix, wipeOldData, say }: { prefix: string; wipeOldData: boolean; say: Host['say'] },
): Promise<string | undefined> {
  const version = await data.check();
  if (version === DATA_VERSION) return undefined;
  if (version > DATA_VERSION) {
    return `The data in Redis under QUEUE_PREFIX ${prefix} was written by a newer passbridge (data version ${version}, this one reads ${DATA_VERSION}). Start the newer passbridge, or set another QUEUE_PREFIX.`;
  }
  if (!wipeOldData) {
    return `The data in Redis under QUEUE_PREFIX ${prefix} was written by an older passbridge and cannot be read. Stop all passbridge processes and start once with --wipe-old-data, which deletes its campaigns, failures, audit trail and queued jobs; or set another QUEUE_PREFIX to keep it.`;
  }
  say(`Deleting the data of an older passbridge under ${prefix} …`);
  await data.wipe();
  return undefined;
}
