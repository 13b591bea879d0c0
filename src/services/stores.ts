/** Opens everything that is kept in Redis, after making sure that this Redis may be trusted with it. */

import { UserError } from '../kit/user-error.ts';
import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { systemClock } from '../kit/clock.ts';
import { openPrivateRedis } from '../kit/private-redis/open.ts';
import { redisProblems } from '../kit/redis/redis-check.ts';
import { keepers } from '../kit/redis/redis-nodes.ts';
import { reachRedis } from '../kit/redis/redis-reach.ts';
import { connectAgain, connectPatiently, countConnects, type RedisConnection } from '../kit/redis/redis.ts';
import { type Audit, makeAudit } from '../ledger/operators/audit.ts';
import { type CampaignLedger, makeCampaignLedger } from '../ledger/campaigns/campaign-ledger.ts';
import { type CampaignSwitch, makeCampaignSwitch } from '../ledger/campaigns/campaign-switch.ts';
import { type EraseCustomer, makeEraseCustomer } from '../ledger/customers/customer-erasure.ts';
import { type EraseJob, makeEraseJob } from '../ledger/customers/job-erasure.ts';
import { type FailureErasure, makeFailureErasure } from '../ledger/failures/failure-erasure.ts';
import { type Forgotten, makeForgotten } from '../ledger/customers/forgotten.ts';
import { makeMarksErasure, type MarksErasure } from '../ledger/customers/marks-erasure.ts';
import { makeWriteBackErasure, type WriteBackErasure } from '../ledger/write-back/write-back-erasure.ts';
import { type FailureActions, makeFailureActions } from '../ledger/failures/failure-actions.ts';
import { type FailureIndex, makeFailureIndex } from '../ledger/failures/failure-index.ts';
import { type JobLedger, makeJobLedger } from '../ledger/jobs/job-ledger.ts';
import { type Answers, makeAnswers } from '../ledger/intake/answers.ts';
import { type Drafts, makeDrafts } from '../ledger/campaigns/drafts.ts';
import { type EventInbox, makeEventInbox } from '../ledger/intake/event-inbox.ts';
import { type Leases, makeLeases } from '../ledger/leases.ts';
import { makeLedgerKeys } from '../ledger/keys.ts';
import { type Inbox, makeInbox } from '../ledger/intake/inbox.ts';
import { makeThroughputLedger, type ThroughputLedger } from '../ledger/monitoring/throughput-samples.ts';
import { makeHeartbeatLedger, type HeartbeatLedger } from '../ledger/monitoring/heartbeats.ts';
import { makeSeats, type Seats } from '../ledger/monitoring/seats.ts';
import { makeOutbox, type Outbox } from '../ledger/write-back/outbox.ts';
import { makeImportBatches, type ImportBatches } from '../ledger/write-back/import-batches.ts';
import { makeParkedJobs, type ParkedJobs } from '../ledger/jobs/parked-jobs.ts';
import {
  type EraseFromBulkActions,
  makeEraseFromBulkActions,
} from '../ledger/failures/bulk-action-erasure.ts';
import { makeBulkActions, type BulkActions } from '../ledger/failures/bulk-actions.ts';
import { makeTakenFiles, type TakenFiles } from '../ledger/campaigns/taken-files.ts';
import { makeNotificationLimits, type NotificationLimits } from '../ledger/jobs/notification-limits.ts';
import { makeRowResults, type RowResults } from '../ledger/jobs/row-results.ts';
import { makeSessions, type Sessions } from '../ledger/operators/sessions.ts';
import { makeScheduleLedger, type ScheduleLedger } from '../ledger/campaigns/schedules.ts';
import { makeProgramVersions, type ProgramVersions } from '../ledger/campaigns/program-versions.ts';
import { type AlertWatches, makeAlertWatches } from '../ledger/monitoring/alert-watches.ts';
import { makeVouchers, type Vouchers } from '../ledger/campaigns/vouchers.ts';
import { makeTimelineWrites } from '../ledger/customers/timeline-writes.ts';
import { makeCustomerIndex, type CustomerIndex } from '../ledger/customers/customer-index.ts';
import { type CampaignQueue, openCampaignQueue } from '../queue/campaign-queue.ts';
import { openPassLimits, type PassLimits } from '../limiter/pass-limits.ts';
import { openPassQueue, type PassQueue } from '../queue/pass-queue.ts';
import { openPermits, type Permits } from '../limiter/permits.ts';

export interface Stores {
  redis: RedisConnection;
  /** How often it was connected to: see there. */
  connects: () => number;
  prefix: string;
  jobs: JobLedger;
  campaigns: CampaignLedger;
  campaignSwitch: CampaignSwitch;
  schedules: ScheduleLedger;
  parked: ParkedJobs;
  rings: NotificationLimits;
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
  outbox: Outbox;
  importBatches: ImportBatches;
  failures: FailureIndex;
  audit: Audit;
  failureActions: FailureActions;
  bulkActions: BulkActions;
  heartbeats: HeartbeatLedger;
  throughput: ThroughputLedger;
  seats: Seats;
  /** Undefined where CUSTOMER_INDEX is off. */
  people: CustomerIndex | undefined;
  forgotten: Forgotten;
  /** What forgetting somebody takes, from the people index too where it was on before. */
  erasure: Erasure;
  passQueue: PassQueue;
  passLimits: PassLimits;
  permits: Permits;
  campaignQueue: CampaignQueue;
  /** Deletes everything under the prefix; only for a demo's own. */
  wipe(): Promise<void>;
  /** Closes the connections; a private Redis stops when nobody else uses it. */
  close(): Promise<void>;
}

/** Takes away what is kept, by the kind of the store. */
export interface Erasure {
  people: CustomerIndex;
  person: EraseCustomer;
  job: EraseJob;
  failures: FailureErasure;
  writeBacks: WriteBackErasure;
  marks: MarksErasure;
  bulkActions: EraseFromBulkActions;
}

export interface Host {
  /** The process's environment, for finding or fetching a redis-server. */
  env: Readonly<Record<string, string | undefined>>;
  /** Gets lines for a person, such as that a private Redis is being fetched. */
  say: (line: string) => void;
}

/** Throws a {@link UserError}, or a PrivateRedisError where no private Redis could be started. */
export async function openStores(config: Config, { env, say }: Host): Promise<Stores> {
  const { address, prefix, serverBin } = config.redis;
  const { dataDir } = config.files;
  const own =
    address === undefined ? await openPrivateRedis({ dataDir, env, binary: serverBin, say }) : undefined;
  const redis = connectPatiently(address ?? { path: own?.path ?? '' });
  const closeRedis = async () => {
    redis.disconnect();
    await own?.close();
  };

  const mistake = await reachRedis(redis, say);
  const problems = mistake === undefined ? await redisProblems(redis) : [mistake];
  if (problems.length > 0) {
    await closeRedis();
    throw new UserError('REDIS_UNUSABLE', problems.join('\n'));
  }

  const { replicas: atLeast } = config.redis;
  const replicas = atLeast === 0 ? undefined : { redis: connectAgain(redis), atLeast };
  const keys = makeLedgerKeys(prefix);
  const { ttlMs, customerIndex } = config.cards;
  const { idTypes } = config.customers;
  const people = makeCustomerIndex(redis, keys, { ttlMs, idTypes });
  const notes = customerIndex ? makeTimelineWrites(keys, { ttlMs, clock: systemClock }) : undefined;
  const answers = makeAnswers(redis, keys);
  const passQueue = openPassQueue(redis, prefix);
  const campaignQueue = openCampaignQueue(redis, prefix);
  return {
    redis,
    connects: countConnects(redis),
    prefix,
    jobs: makeJobLedger(redis, keys, { cardTtlMs: ttlMs, people: notes, replicas, clock: systemClock }),
    people: customerIndex ? people : undefined,
    forgotten: makeForgotten(redis, keys, { ttlMs }),
    erasure: {
      people,
      person: makeEraseCustomer(redis, keys, { ttlMs }),
      job: makeEraseJob(redis, keys),
      failures: makeFailureErasure(redis, keys),
      writeBacks: makeWriteBackErasure(redis, keys),
      marks: makeMarksErasure(redis, keys),
      bulkActions: makeEraseFromBulkActions(redis, keys),
    },
    campaigns: makeCampaignLedger(redis, keys),
    campaignSwitch: makeCampaignSwitch(redis, keys),
    schedules: makeScheduleLedger(redis, keys),
    parked: makeParkedJobs(redis, keys),
    rings: makeNotificationLimits(redis, keys),
    rowResults: makeRowResults(redis, keys),
    takenFiles: makeTakenFiles(redis, keys),
    programVersions: makeProgramVersions(redis, keys),
    vouchers: makeVouchers(redis, keys),
    alertWatches: makeAlertWatches(redis, keys),
    leases: makeLeases(redis, keys),
    drafts: makeDrafts(redis, keys),
    sessions: makeSessions(redis, keys),
    inbox: makeInbox(redis, keys, replicas),
    eventInbox: makeEventInbox(redis, keys, { people: notes, replicas }),
    answers,
    outbox: makeOutbox(redis, keys, notes),
    importBatches: makeImportBatches(redis, keys, notes),
    failures: makeFailureIndex(redis, keys),
    audit: makeAudit(redis, keys),
    failureActions: makeFailureActions(redis, keys, notes),
    bulkActions: makeBulkActions(redis, keys),
    heartbeats: makeHeartbeatLedger(redis, keys),
    throughput: makeThroughputLedger(redis, keys),
    seats: makeSeats(redis, keys),
    passQueue,
    passLimits: openPassLimits(redis, prefix, config.passmachine),
    permits: openPermits(redis, prefix, {
      process: randomUUID(),
      configured: config.passmachine,
      replicas,
    }),
    campaignQueue,
    async wipe() {
      for (const server of keepers(redis)) {
        for await (const found of server.scanStream({ match: `${prefix}:*`, count: 1000 })) {
          const names = found as string[];
          if (names.length > 0) await server.unlink(names);
        }
      }
    },
    async close() {
      answers.close();
      replicas?.redis.disconnect();
      await Promise.all([passQueue.close(), campaignQueue.close()]);
      await closeRedis();
    },
  };
}
