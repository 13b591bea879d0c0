/**
 * Sends again what failed for the chosen causes: jobs through the queue with fresh attempts,
 * refused write-backs through the outbox. Paced by the campaign's window, and resumable: what was
 * reopened by a process that died is queued first.
 */

import type { BulkRetry } from '../job/bulk-retry.ts';
import type { Campaign } from '../job/campaign.ts';
import type { FailedJob, FailedRecord, FailedWriteBack } from '../job/failed.ts';
import type { FailureCode } from '../job/failure.ts';
import { type Clock, sleep } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';

/** What failed, and how to take it back: see the ledger. */
interface FailureIndex {
  pages(campaign: string, code: FailureCode): AsyncIterable<FailedRecord[]>;
  reopen(record: FailedJob): Promise<boolean>;
  saveAgain(record: FailedWriteBack, now: number): Promise<boolean>;
}

interface BulkRetryOptions {
  index: FailureIndex;
  find: (campaign: string) => Promise<Campaign | undefined>;
  /** Puts a campaign's reopened jobs back into the queue: those of some rows, or all. */
  putBack: (campaign: string, rows?: readonly number[]) => Promise<void>;
  clock: Clock;
  log: Logger;
}

/** Jobs of a campaign that may wait in the queue while more are added. */
const WINDOW = 1000;
const POLL_MS = 50;

/** Makes the function that carries out one order, to its end or until it is interrupted. */
export function makeBulkRetry({ index, find, putBack, clock, log }: BulkRetryOptions) {
  const hasRoom = async (campaign: string, signal: AbortSignal): Promise<boolean> => {
    while (!signal.aborted) {
      const found = await find(campaign);
      if (found === undefined) return false;
      // While it is halted its jobs would only leave the queue again.
      if (found.inQueue < WINDOW && (found.status === 'running' || found.status === 'finished')) return true;
      await sleep(POLL_MS, signal);
    }
    return false;
  };

  return async (
    { campaign, codes, failedBy }: BulkRetry,
    signal: AbortSignal,
  ): Promise<'ended' | 'interrupted'> => {
    // A day of webhooks may have many more parked that nobody has sent yet; they are fed in their turn.
    if ((await find(campaign))?.source.kind === 'file') await putBack(campaign);
    let jobs = 0;
    let saves = 0;
    for (const code of codes) {
      for await (const page of index.pages(campaign, code)) {
        if (!(await hasRoom(campaign, signal))) return signal.aborted ? 'interrupted' : 'ended';
        const reopened: number[] = [];
        for (const record of page.filter(({ at }) => at <= failedBy)) {
          if (isJob(record)) {
            if (await index.reopen(record)) reopened.push(record.job.row);
          } else if ('writeBack' in record && (await index.saveAgain(record, clock()))) saves += 1;
        }
        await putBack(campaign, reopened);
        jobs += reopened.length;
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
