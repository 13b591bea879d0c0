/**
 * Runs bulk actions: requeues failed jobs with fresh attempts, puts refused write-backs into the outbox again, or
 * discards failures. It works page by page, waits for room in each campaign's window, and can be resumed: a
 * failure that was handled before a crash is counted and no longer in the index.
 */

import { setImmediate } from 'node:timers/promises';
import type { Campaign } from '../domain/campaigns/campaign.ts';
import { hasRoom } from '../domain/campaigns/window.ts';
import {
  type BulkAction,
  type BulkActionOrder,
  type ExcludedFailure,
  exclusionFor,
} from '../domain/failures/bulk-action.ts';
import type { EditJob, EditRule } from '../domain/failures/edit-rule.ts';
import {
  type Discard,
  type FailedJob,
  type FailedRecord,
  type FailedWriteBack,
  rowOf,
} from '../domain/failures/failed.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';
import { type Clock, unixSeconds } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { poll } from '../kit/poll.ts';
import { type Exclusion, makeExclusionTally } from './exclusion-tally.ts';
import { type FailureIndex, matchingFailures, type Page } from './matching-failures.ts';

/** The cause that a failure is indexed under, and the bulk action that handles it: their ids. */
interface FailureRef {
  cause: string;
  bulkAction: string;
}

/** What can be done with one failure. Each returns false if another process has already handled it. */
interface FailureActions {
  reopen(record: FailedJob, ref: FailureRef, as: PassJob): Promise<boolean>;
  retryWriteBack(record: FailedWriteBack, ref: FailureRef): Promise<boolean>;
  discard(campaign: string, record: FailedRecord, ref: FailureRef, why: Discard): Promise<boolean>;
}

interface BulkActions {
  start(id: string): Promise<BulkActionOrder | undefined>;
  isRunning(id: string): Promise<boolean>;
  recordExcluded(
    id: string,
    counts: BulkAction['excluded'],
    added: readonly ExcludedFailure[],
  ): Promise<void>;
  end(id: string, now: number): Promise<void>;
}

interface BulkActionOptions {
  index: FailureIndex;
  actions: FailureActions;
  bulkActions: BulkActions;
  /** Compiles a rule. A rule that does not compile fails for each job. */
  editorOf: (rule: EditRule) => EditJob;
  /** Ids of all campaigns, newest first, in pages. */
  campaigns: () => AsyncIterable<readonly string[]>;
  find: (campaign: string) => Promise<Campaign | undefined>;
  /**
   * Requeues reopened jobs. Jobs reopened by a process that crashed are requeued with all parked jobs.
   * `selected`: the jobs were selected one by one, so an operator is waiting for them.
   */
  requeue: (campaign: string, rows: readonly number[], selected: boolean) => Promise<void>;
  clock: Clock;
  log: Logger;
}

const POLL_MS = 50;

const unchanged: EditJob = (job) => ({ ok: true, job });

/** Returns a function that runs one bulk action until it ends or is interrupted. */
export function makeBulkActionRunner(options: BulkActionOptions) {
  const { index, actions, bulkActions, editorOf, campaigns, find, requeue, clock, log } = options;

  /** Waits until the campaign can take a page, or will not: `ended` if the action was cancelled or interrupted. */
  const waitForRoom = async (
    { id, kind }: BulkActionOrder,
    campaign: string,
    signal: AbortSignal,
  ): Promise<'room' | 'not-running' | 'ended'> => {
    const state = await poll(
      POLL_MS,
      async () => {
        if (!(await bulkActions.isRunning(id))) return 'ended';
        // A discard queues nothing.
        if (kind === 'discard') return 'room';
        const found = await find(campaign);
        // The worker would only park the jobs of a halted campaign again.
        if (found?.halt !== undefined) return 'not-running';
        return found === undefined || hasRoom(found) ? 'room' : undefined;
      },
      signal,
    );
    return state ?? 'ended';
  };

  /** Handles one failure. `reopened`: its job must be requeued. */
  const handle = async (
    action: BulkActionOrder,
    edit: EditJob,
    { campaign, cause }: Page,
    record: FailedRecord,
  ): Promise<Exclusion | 'reopened' | 'done'> => {
    const ref = { cause, bulkAction: action.id };
    if (action.kind === 'discard') {
      await actions.discard(campaign, record, ref, { by: action.by, reason: action.reason, at: clock() });
    } else if ('writeBack' in record) await actions.retryWriteBack(record, ref);
    else if ('job' in record) {
      const edited = edit(record.job, unixSeconds(clock));
      if (!edited.ok) {
        // A rule may be slow to fail, for each of thousands of jobs: the event loop must not block.
        await setImmediate();
        return { reason: 'rule-failed', detail: edited.problem };
      }
      if (await actions.reopen(record, ref, edited.job)) return 'reopened';
    }
    return 'done';
  };

  return async (id: string, signal: AbortSignal): Promise<'ended' | 'interrupted'> => {
    const action = await bulkActions.start(id);
    if (action === undefined) {
      await bulkActions.end(id, clock());
      return 'ended';
    }
    const edit = action.rule === undefined ? unchanged : editorOf(action.rule);
    const tally = makeExclusionTally((counts, added) => bulkActions.recordExcluded(id, counts, added));
    for await (const page of matchingFailures(action, index, campaigns)) {
      const { campaign, cause, records } = page;
      const room = await waitForRoom(action, campaign, signal);
      if (room === 'ended') break;
      const rows: number[] = [];
      for (const record of records) {
        const reason = exclusionFor(action, record) ?? (room === 'not-running' ? room : undefined);
        const result = reason === undefined ? await handle(action, edit, page, record) : { reason };
        if (result === 'reopened') rows.push(rowOf(record));
        else if (result !== 'done') tally.add(campaign, cause, record, result);
      }
      if (rows.length > 0) await requeue(campaign, rows, action.filter.jobs !== undefined);
      await tally.flush();
    }
    if (signal.aborted) return 'interrupted';
    await bulkActions.end(id, clock());
    const { kind, by } = action;
    log.info(
      { event: 'bulk-action.ended', bulkAction: id, kind, by, excluded: tally.counts },
      'bulk action ended',
    );
    return 'ended';
  };
}
