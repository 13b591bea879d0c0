/**
 * The named steps of processing a job at which a process is killed. A crash point is a byte sequence in the
 * traffic to a dependency, and whether the dependency still receives it. Lua scripts are recognized by the SHA-1
 * in EVALSHA.
 */

import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { makeCampaignLedger } from '../../src/ledger/campaigns/campaign-ledger.ts';
import { makeFailureActions } from '../../src/ledger/failures/failure-actions.ts';
import { makeJobLedger } from '../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeOutbox } from '../../src/ledger/write-back/outbox.ts';
import { makeParkedJobs } from '../../src/ledger/jobs/parked-jobs.ts';
import type { Trigger } from './fault-proxy.ts';

/** A server that passbridge's processes connect to. */
export type Dependency = 'redis' | 'passmachine' | 'bloomreach';

export interface CrashPoint extends Omit<Trigger, 'skip'> {
  to: Dependency;
  /** Upper bound of the random number of matches that are ignored before a kill. */
  maxSkip: number;
}

const scripts = readScripts();

function onScript(name: string, when: Trigger['when'], maxSkip: number): CrashPoint {
  const sha = scripts.get(name);
  if (sha === undefined) throw new Error(`the ledger has no script ${name}`);
  return { to: 'redis', bytes: sha, when, maxSkip };
}

/** The crash points of each step. A step with several points uses them in turn. */
export const crashPoints = {
  'before-claim': [onScript('claimJob', 'before', 25)],
  'after-claim': [onScript('claimJob', 'after', 25)],
  'request-sent': [{ to: 'passmachine', bytes: 'POST /accounts/', when: 'after', maxSkip: 25 }],
  'answer-received': [onScript('settleJob', 'before', 25)],
  'after-settle': [onScript('settleJob', 'after', 25)],
  // The settle script queues the write-back, so the first moment after that is when the relay takes it.
  'write-back-queued': [onScript('takeWriteBacks', 'before', 10), onScript('takeWriteBacks', 'after', 10)],
  'during-batch': [
    { to: 'bloomreach', bytes: 'POST /track/', when: 'before', maxSkip: 1 },
    { to: 'bloomreach', bytes: 'POST /track/', when: 'after', maxSkip: 1 },
    onScript('deliveredWriteBacks', 'before', 1),
    onScript('deliveredWriteBacks', 'after', 1),
  ],
  'during-bulk-retry': [
    onScript('reopenJob', 'before', 20),
    onScript('reopenJob', 'after', 20),
    { to: 'redis', bytes: ':parked\r\n', when: 'after', maxSkip: 40 },
  ],
  'while-feeding': [
    onScript('acceptRows', 'before', 1),
    onScript('acceptRows', 'after', 1),
    { to: 'redis', bytes: '\r\nqueued\r\n', when: 'before', maxSkip: 1 },
    { to: 'redis', bytes: '\r\nqueued\r\n', when: 'after', maxSkip: 1 },
  ],
} as const satisfies Record<string, readonly CrashPoint[]>;

export type Step = keyof typeof crashPoints;

/** Lets the ledger define its scripts on a stub client, and returns their SHA-1 by name. */
function readScripts(): Map<string, string> {
  const found = new Map<string, string>();
  const stub = {
    defineCommand(name: string, { lua }: { lua: string }) {
      found.set(name, createHash('sha1').update(lua).digest('hex'));
      Reflect.set(stub, name, () => {});
    },
  };
  const redis = stub as unknown as Redis;
  const keys = makeLedgerKeys('{any}');
  makeJobLedger(redis, keys, { cardTtlMs: 1, clock: Date.now });
  makeCampaignLedger(redis, keys);
  makeOutbox(redis, keys);
  makeFailureActions(redis, keys);
  makeParkedJobs(redis, keys);
  return found;
}
