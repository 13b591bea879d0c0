/**
 * Sends again what failed for the chosen causes: jobs through the queue with fresh attempts,
 * refused write-backs through the outbox. Paced by the campaign's window, and resumable: what was
 * reopened by a process that died is queued first.
 */

import type { BulkRetry } from '../job/bulk-retry.ts';
import type { Campaign } from '../job/campaign.ts';
import type { FailedJob, FailedRecord, FailedWriteBack } from '../job/failed.ts';
import type { FailureCode } from '../job/failure.ts';
import type { PassJob } from '../job/pass-job.ts';
import { type Clock, sleep } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';

/** What failed, and how to take it back: see the ledger. */
interface FailureIndex {
  pages(campaign: string, code: FailureCode): AsyncIterable<FailedRecord[]>;
  reopen(record: FailedJob): Promise<boolean>;
  reopened(campaign: string): Promise<PassJob[]>;
  markQueued(campaign: string, jobs: readonly PassJob[]): Promise<void>;
  saveAgain(record: FailedWriteBack, now: number): Promise<boolean>;
}

interface BulkRetryOptions {
  index: FailureIndex;
  find: (campaign: string) => Promise<Campaign | undefined>;
  enqueue: (jobs: readonly PassJob[]) => Promise<void>;
  clock: Clock;
  log: Logger;
}

/** Jobs of a campaign that may wait in the queue while more are added. */
const WINDOW = 1000;
const POLL_MS = 50;

/** Makes the function that carries out one order, to its end or until it is interrupted. */
export function makeBulkRetry({ index, find, enqueue, clock, log }: BulkRetryOptions) {
  const hasRoom = async (campaign: string, signal: AbortSignal): Promise<boolean> => {
    while (!signal.aborted) {
      const found = await find(campaign);
      if (found === undefined) return false;
      if (found.pending < WINDOW) return true;
      await sleep(POLL_MS, signal);
    }
    return false;
  };

  const queueReopened = async (campaign: string): Promise<number> => {
    const jobs = await index.reopened(campaign);
    if (jobs.length > 0) await enqueue(jobs);
    await index.markQueued(campaign, jobs);
    return jobs.length;
  };

  return async (
    { campaign, codes, failedBy }: BulkRetry,
    signal: AbortSignal,
  ): Promise<'ended' | 'interrupted'> => {
    let jobs = await queueReopened(campaign);
    let saves = 0;
    for (const code of codes) {
      for await (const page of index.pages(campaign, code)) {
        if (!(await hasRoom(campaign, signal))) return signal.aborted ? 'interrupted' : 'ended';
        for (const record of page.filter(({ at }) => at <= failedBy)) {
          if (isJob(record)) await index.reopen(record);
          else if ('writeBack' in record && (await index.saveAgain(record, clock()))) saves += 1;
        }
        jobs += await queueReopened(campaign);
      }
    }
    log.info({ event: 'retry.ended', campaign, codes, jobs, saves }, 'sent again');
    return 'ended';
  };
}

/** A job that can be sent again; one whose card exists cannot. */
function isJob(record: FailedRecord): record is FailedJob {
  return 'job' in record && record.state !== 'done';
}
