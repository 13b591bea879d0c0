/** Opens everything that is kept in Redis, after making sure that this Redis may be trusted with it. */

import type { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import { systemClock } from '../kit/clock.ts';
import { openPrivateRedis } from '../kit/private-redis/open.ts';
import { redisProblems } from '../kit/redis-check.ts';
import { connectPatiently } from '../kit/redis.ts';
import { type CampaignLedger, makeCampaignLedger } from '../ledger/campaign-ledger.ts';
import { type CampaignSwitch, makeCampaignSwitch } from '../ledger/campaign-switch.ts';
import { type FailureIndex, makeFailureIndex } from '../ledger/failure-index.ts';
import { type JobLedger, makeJobLedger } from '../ledger/job-ledger.ts';
import { type Answers, makeAnswers } from '../ledger/answers.ts';
import { type EventInbox, makeEventInbox } from '../ledger/event-inbox.ts';
import { type Leases, makeLeases } from '../ledger/leases.ts';
import { makeLedgerKeys } from '../ledger/keys.ts';
import { type Inbox, makeInbox } from '../ledger/inbox.ts';
import { makeOutbox, type Outbox } from '../ledger/outbox.ts';
import { makeParcels, type Parcels } from '../ledger/parcels.ts';
import { makeParkedJobs, type ParkedJobs } from '../ledger/parked-jobs.ts';
import { makeTakenFiles, type TakenFiles } from '../ledger/taken-files.ts';
import { makeRings, type Rings } from '../ledger/rings.ts';
import { makeRowFates, type RowFates } from '../ledger/row-fates.ts';
import { makeScheduleLedger, type ScheduleLedger } from '../ledger/schedules.ts';
import { makePeopleIndex, type PeopleIndex } from '../ledger/people.ts';
import { type CampaignQueue, openCampaignQueue } from '../queue/campaign-queue.ts';
import { openPassLimits, type PassLimits } from '../queue/pass-limits.ts';
import { openPassQueue, type PassQueue } from '../queue/pass-queue.ts';

export interface Stores {
  redis: Redis;
  prefix: string;
  jobs: JobLedger;
  campaigns: CampaignLedger;
  campaignSwitch: CampaignSwitch;
  schedules: ScheduleLedger;
  parked: ParkedJobs;
  rings: Rings;
  rowFates: RowFates;
  takenFiles: TakenFiles;
  leases: Leases;
  inbox: Inbox;
  eventInbox: EventInbox;
  answers: Answers;
  outbox: Outbox;
  parcels: Parcels;
  failures: FailureIndex;
  /** Undefined where PEOPLE_INDEX is off. */
  people: PeopleIndex | undefined;
  passQueue: PassQueue;
  passLimits: PassLimits;
  campaignQueue: CampaignQueue;
  /** Deletes everything under the prefix; only for a demo's own. */
  wipe(): Promise<void>;
  /** Closes the connections; a private Redis stops when nobody else uses it. */
  close(): Promise<void>;
}

/** A Redis that jobs must not be trusted to; the message lists what is wrong and how to mend it. */
export class RedisRefused extends Error {}

export interface Host {
  /** The process's environment, for finding or fetching a redis-server. */
  env: Readonly<Record<string, string | undefined>>;
  /** Gets lines for a person, such as that a private Redis is being fetched. */
  say: (line: string) => void;
}

/** Throws a {@link RedisRefused}, or a PrivateRedisError where no private Redis could be started. */
export async function openStores(config: Config, { env, say }: Host): Promise<Stores> {
  const { url, prefix, serverBin } = config.redis;
  const { dataDir } = config.files;
  const own =
    url === undefined ? await openPrivateRedis({ dataDir, env, binary: serverBin, say }) : undefined;
  const redis = connectPatiently(own === undefined ? { url: url ?? '' } : { path: own.path });
  const closeRedis = async () => {
    redis.disconnect();
    await own?.close();
  };

  const problems = await redisProblems(redis);
  if (problems.length > 0) {
    await closeRedis();
    throw new RedisRefused(problems.join('\n'));
  }

  const keys = makeLedgerKeys(prefix);
  const { ttlMs, peopleIndex } = config.cards;
  const { idTypes } = config.customers;
  const people = peopleIndex ? makePeopleIndex(redis, keys, { ttlMs, idTypes }) : undefined;
  const answers = makeAnswers(redis, keys);
  const passQueue = openPassQueue(redis, prefix);
  const campaignQueue = openCampaignQueue(redis, prefix);
  return {
    redis,
    prefix,
    jobs: makeJobLedger(redis, keys, { cardTtlMs: ttlMs, people, clock: systemClock }),
    people,
    campaigns: makeCampaignLedger(redis, keys),
    campaignSwitch: makeCampaignSwitch(redis, keys),
    schedules: makeScheduleLedger(redis, keys),
    parked: makeParkedJobs(redis, keys),
    rings: makeRings(redis, keys),
    rowFates: makeRowFates(redis, keys),
    takenFiles: makeTakenFiles(redis, keys),
    leases: makeLeases(redis, keys),
    inbox: makeInbox(redis, keys),
    eventInbox: makeEventInbox(redis, keys),
    answers,
    outbox: makeOutbox(redis, keys),
    parcels: makeParcels(redis, keys),
    failures: makeFailureIndex(redis, keys),
    passQueue,
    passLimits: openPassLimits(redis, prefix, config.passmachine),
    campaignQueue,
    async wipe() {
      for await (const found of redis.scanStream({ match: `${prefix}:*`, count: 1000 })) {
        const names = found as string[];
        if (names.length > 0) await redis.unlink(names);
      }
    },
    async close() {
      answers.close();
      await Promise.all([passQueue.close(), campaignQueue.close()]);
      await closeRedis();
    },
  };
}
