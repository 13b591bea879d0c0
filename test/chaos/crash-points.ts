/**
 * The named steps of a job's road at which a process is killed: which bytes, on the way to whom,
 * and whether they still arrive. Scripts go by the SHA-1 that Redis knows them by.
 */

import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { makeCampaignLedger } from '../../src/ledger/campaigns/campaign-ledger.ts';
import { makeFailureActions } from '../../src/ledger/failures/failure-actions.ts';
import { makeJobLedger } from '../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeOutbox } from '../../src/ledger/write-back/outbox.ts';
import { makeParkedJobs } from '../../src/ledger/jobs/parked-jobs.ts';
import type { Trigger } from './tap.ts';

/** A process's neighbours. */
export type Neighbour = 'redis' | 'passmachine' | 'bloomreach';

export interface CrashPoint extends Omit<Trigger, 'skip'> {
  to: Neighbour;
  /** The most that is let pass before a kill; how much is drawn for each. */
  maxSkip: number;
}

const scripts = readScripts();

function onScript(name: string, when: Trigger['when'], maxSkip: number): CrashPoint {
  const sha = scripts.get(name);
  if (sha === undefined) throw new Error(`the ledger has no script ${name}`);
  return { to: 'redis', bytes: sha, when, maxSkip };
}

/** The steps; those with several points take them in turn. */
export const crashPoints = {
  'before-claim': [onScript('claimJob', 'before', 25)],
  'after-claim': [onScript('claimJob', 'after', 25)],
  'request-sent': [{ to: 'passmachine', bytes: 'POST /accounts/', when: 'after', maxSkip: 25 }],
  'answer-received': [onScript('settleJob', 'before', 25)],
  'after-settle': [onScript('settleJob', 'after', 25)],
  // The settle script queues it, so the first moment after that is when somebody comes to take it.
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

/** Has the ledger define its scripts on something that only writes them down. */
function readScripts(): Map<string, string> {
  const found = new Map<string, string>();
  const notebook = {
    defineCommand(name: string, { lua }: { lua: string }) {
      found.set(name, createHash('sha1').update(lua).digest('hex'));
      Reflect.set(notebook, name, () => {});
    },
  };
  const redis = notebook as unknown as Redis;
  const keys = makeLedgerKeys('{any}');
  makeJobLedger(redis, keys, { cardTtlMs: 1, clock: Date.now });
  makeCampaignLedger(redis, keys);
  makeOutbox(redis, keys);
  makeFailureActions(redis, keys);
  makeParkedJobs(redis, keys);
  return found;
}
