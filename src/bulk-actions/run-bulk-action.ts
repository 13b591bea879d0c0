/**
 * Carries out bulk acts: jobs go through the queue with fresh attempts, refused write-backs through
 * the outbox. Page by page, paced by each campaign's window, and resumable: what a process that died
 * has done is counted, and is not there any more to be done again.
 */

import { setImmediate } from 'node:timers/promises';
import {
  type BulkActionOrder,
  blockerOf,
  type LeftOut,
  type BulkAction,
} from '../domain/failures/bulk-action.ts';
import type { Campaign } from '../domain/campaigns/campaign.ts';
import type { EditJob, EditRule } from '../domain/failures/edit-rule.ts';
import {
  type Discard,
  type FailedJob,
  type FailedRecord,
  type FailedWriteBack,
  rowOf,
} from '../domain/failures/failed.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';
import { type Clock, sleep, unixSeconds } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { type Blocker, makeLeftOutTally } from './left-out.ts';
import { type FailureIndex, meantFailures, type Page } from './matching-failures.ts';

interface Filed {
  cause: string;
  bulkAction: string;
}

/** What can be done with it; false where somebody else did. */
interface FailureActions {
  reopen(record: FailedJob, filed: Filed, as: PassJob): Promise<boolean>;
  saveAgain(record: FailedWriteBack, filed: Filed, now: number): Promise<boolean>;
  discard(campaign: string, record: FailedRecord, filed: Filed, why: Discard): Promise<boolean>;
}

interface BulkActions {
  begin(id: string): Promise<BulkActionOrder | undefined>;
  isRunning(id: string): Promise<boolean>;
  leave(id: string, leftOut: BulkAction['leftOut'], added: readonly LeftOut[]): Promise<void>;
  end(id: string, now: number): Promise<void>;
}

interface BulkActionOptions {
  index: FailureIndex;
  acts: FailureActions;
  bulkActions: BulkActions;
  /** What a rule makes of a job; one that cannot be read fails for each. */
  editorOf: (rule: EditRule) => EditJob;
  /** Ids of all campaigns, newest first. */
  campaigns: () => Promise<readonly string[]>;
  find: (campaign: string) => Promise<Campaign | undefined>;
  /**
   * Puts reopened jobs back into the queue. Those of a process that died are fed as all that is parked.
   * `picked`: one by one, so that somebody waits for them.
   */
  requeue: (campaign: string, rows: readonly number[], picked: boolean) => Promise<void>;
  clock: Clock;
  log: Logger;
}

/** Jobs of a campaign that may wait in the queue while more are added. */
const WINDOW = 1000;
const POLL_MS = 50;

const unchanged: EditJob = (job) => ({ ok: true, job });

/** Makes the function that carries out the act of a receipt, to its end or until it is interrupted. */
export function makeBulkActionRunner(options: BulkActionOptions) {
  const { index, acts, bulkActions, editorOf, campaigns, find, requeue, clock, log } = options;

  /** Waits until a campaign's queue has room for a page. */
  const roomIn = async (
    act: BulkActionOrder,
    id: string,
    signal: AbortSignal,
  ): Promise<'room' | 'halted' | 'over'> => {
    while (!signal.aborted) {
      if (!(await bulkActions.isRunning(act.id))) return 'over';
      // Nothing is sent.
      if (act.kind === 'discard') return 'room';
      const campaign = await find(id);
      // Its jobs would only leave the queue again.
      if (campaign?.halt !== undefined) return 'halted';
      if (campaign === undefined || campaign.inQueue < WINDOW) return 'room';
      await sleep(POLL_MS, signal);
    }
    return 'over';
  };

  /** What came of one failure; `reopened`: its job is to be queued. */
  const carryOut = async (
    act: BulkActionOrder,
    edit: EditJob,
    { campaign, cause }: Page,
    record: FailedRecord,
  ): Promise<Blocker | 'reopened' | 'done'> => {
    const filed = { cause, bulkAction: act.id };
    if (act.kind === 'discard') {
      await acts.discard(campaign, record, filed, { by: act.by, reason: act.reason, at: clock() });
    } else if ('writeBack' in record) await acts.saveAgain(record, filed, clock());
    else if ('job' in record) {
      const edited = edit(record.job, unixSeconds(clock));
      if (!edited.ok) {
        // A rule may take its time to fail, for each of thousands: others get their turn in between.
        await setImmediate();
        return { reason: 'rule-failed', detail: edited.problem };
      }
      if (await acts.reopen(record, filed, edited.job)) return 'reopened';
    }
    return 'done';
  };

  return async (id: string, signal: AbortSignal): Promise<'ended' | 'interrupted'> => {
    const act = await bulkActions.begin(id);
    if (act === undefined) {
      await bulkActions.end(id, clock());
      return 'ended';
    }
    const edit = act.rule === undefined ? unchanged : editorOf(act.rule);
    const tally = makeLeftOutTally((leftOut, added) => bulkActions.leave(id, leftOut, added));
    for await (const page of meantFailures(act, index, campaigns)) {
      const { campaign, cause, records } = page;
      const room = await roomIn(act, campaign, signal);
      if (room === 'over') break;
      const rows: number[] = [];
      for (const record of records) {
        const reason = blockerOf(act, record) ?? (room === 'halted' ? room : undefined);
        const came = reason === undefined ? await carryOut(act, edit, page, record) : { reason };
        if (came === 'reopened') rows.push(rowOf(record));
        else if (came !== 'done') tally.add(campaign, cause, record, came);
      }
      if (rows.length > 0) await requeue(campaign, rows, act.filter.jobs !== undefined);
      await tally.write();
    }
    if (signal.aborted) return 'interrupted';
    await bulkActions.end(id, clock());
    log.info(
      { event: 'bulk-action.ended', bulkAction: id, kind: act.kind, by: act.by, leftOut: tally.counts },
      'bulk act ended',
    );
    return 'ended';
  };
}
