/**
 * Watches for a store that went back in time or lost its data: at the start of a process, after every reconnect to
 * Redis, and twice a second. Campaigns that could repeat what the store forgot are held at once.
 */

import { randomUUID } from 'node:crypto';
import { type RestoredNotice, restoredNotice } from '../../domain/campaigns/restored.ts';
import type { Config } from '../../config/config.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Part } from '../../kit/part.ts';
import { type Periodic, startPeriodic } from '../../kit/periodic.ts';
import type { StoreMark } from '../../ledger/store/store-marks.ts';
import type { QueuedJob } from '../../domain/jobs/pass-job.ts';
import type { ClaimOptions } from '../../domain/jobs/settlement.ts';
import type { Stores } from '../stores.ts';
import {
  journalFolder,
  openCardJournal,
  type RecordedLedger,
  SWEEP_EVERY_MS,
  sweepJournals,
} from './card-journal.ts';
import { findDeclaration, removeDeclaration } from './declaration.ts';
import { judge, judgeAtStart, type Rollback } from './judge-store.ts';
import { replayJournals, type ReplayStores } from './replay-journal.ts';
import { openOutsideMarks, type OutsideMarks } from './outside-marks.ts';

export type WatchedStores = Pick<Stores, 'storeMarks' | 'storeNotice' | 'connects'> & ReplayStores;

export interface StoreWatch extends Part {
  /** Advances the mark from now on: this process works. */
  start(): void;
  /**
   * Wraps a ledger: a claim runs again if Redis reconnected meanwhile, after a check that it is the store of before, and
   * creates are recorded in the journal.
   */
  protect<L extends RecordedLedger>(ledger: L): L;
  /** Removes the marks, because the data is deleted on purpose. */
  forget(): Promise<void>;
}

interface WatchOptions {
  config: Pick<Config, 'files' | 'redis'>;
  stores: WatchedStores;
  clock: Clock;
  /** Prints a line for the operator. */
  say: (line: string) => void;
  log: Logger;
}

const EVERY_MS = 500;
/** What a store that lost everything learns from the journal: older results have reached Bloomreach. */
const UNKNOWN_LOSS_MS = 3_600_000;
/** Covers the time from a call to its settlement. */
const MARGIN_MS = 60_000;
/** Two processes that write the same mark at once disturb each other; only failures in a row mean anything. */
const REPORTED_FAILURES = 5;
/** Longer than a home is remembered outside, so that no home returns to a store that has forgotten it. */
const FORGET_AFTER_MS = 90 * 86_400_000;

/** Checks the store before it resolves. */
export async function openStoreWatch(options: WatchOptions): Promise<StoreWatch> {
  const { config, stores, clock, say, log } = options;
  const { storeMarks, storeNotice, connects } = stores;
  const outside = await openOutsideMarks(config, clock());
  const tasks: Periodic[] = [];
  let checkedConnects = connects();
  let seen: StoreMark | undefined;
  let checking: Promise<void> | undefined;
  let failures = 0;
  const { storeMarkDir } = config.files;
  const journal = openCardJournal(journalFolder(storeMarkDir, outside.home), clock, log);

  const report = (notice: RestoredNotice, held: number) => {
    const { cause, reason } = notice;
    log.error({ event: 'store.restored', cause, held }, reason);
    say(held === 0 ? reason : `${reason} Held campaigns: ${held}.`);
  };

  const onRollback = async (notice: RestoredNotice, from: StoreMark) => {
    // Held before and after: the first makes a crash in between harmless, the second catches campaigns created meanwhile.
    const before = await storeNotice.hold(notice);
    await storeNotice.open(notice);
    const held = before + (await storeNotice.hold(notice));
    seen = await storeMarks.beginEpoch(outside.home, from);
    report(notice, held);
    await replay(notice);
    await save(seen);
  };

  /** Every home replays its own journals, whichever of them has noticed the loss. */
  const replay = async ({ at, storedAt = at - UNKNOWN_LOSS_MS }: RestoredNotice) => {
    const homes = new Set([outside.home, ...(await storeMarks.homes())]);
    const folders = [...homes].map((home) => journalFolder(storeMarkDir, home));
    const found = await replayJournals(stores, { folders, since: storedAt - MARGIN_MS, now: clock() });
    log.info({ event: 'store.replayed', ...found }, 'replayed the journal of cards');
  };

  const replayOpenNotice = async () => {
    const open = await storeNotice.find();
    if (open !== undefined) await replay(open.notice);
  };

  const save = async (mark: StoreMark) => {
    const files = await outside.save(mark);
    failures = files.length === 0 ? 0 : failures + 1;
    if (failures !== REPORTED_FAILURES) return;
    log.warn({ event: 'store-mark.unwritable', files }, 'the mark of the store cannot be written');
  };

  const check = async () => {
    const reconnects = connects();
    const { mark: stored, previousAt, isReplicated } = await storeMarks.advance(outside.home);
    const rollback = seen && judge(seen, { ...stored, at: previousAt });
    if (rollback !== undefined) await onRollback(noticeOf(rollback, clock()), rollback.seen);
    else if (isReplicated && (stored.count !== seen?.count || stored.epoch !== seen.epoch)) {
      const isNewEpoch = seen !== undefined && stored.epoch > seen.epoch;
      seen = stored;
      if (isNewEpoch) await replayOpenNotice();
      await save(stored);
    }
    checkedConnects = reconnects;
    journal.touch();
  };
  const checkOnce = () => (checking ??= check().finally(() => (checking = undefined)));

  const found = await findAtStart(options, outside);
  if (found !== undefined) await onRollback(found.notice, found.seen);
  else seen = (await outside.seen(outside.home))?.mark;
  await removeDeclaration(config);

  return {
    name: 'store watch',
    start() {
      if (tasks.length > 0) return;
      const sweep = async () => sweepJournals(storeMarkDir, clock());
      tasks.push(
        startPeriodic({ name: 'store watch', everyMs: EVERY_MS, work: checkOnce, log }),
        startPeriodic({ name: 'card journal sweep', everyMs: SWEEP_EVERY_MS, work: sweep, log }),
      );
      void storeMarks.prune(clock() - FORGET_AFTER_MS).catch(() => {});
    },
    protect(ledger) {
      const claim = async (job: QueuedJob, claimOptions?: ClaimOptions) => {
        // Repeating the claim of a run is answered the same.
        const run = { ...job, runId: job.runId ?? randomUUID() };
        for (;;) {
          const before = connects();
          if (before !== checkedConnects) await checkOnce();
          const result = await ledger.claim(run, claimOptions);
          if (connects() === before) return result;
        }
      };
      return journal.record({ ...ledger, claim });
    },
    async stop() {
      await Promise.all(tasks.map((task) => task.stop()));
      journal.close();
    },
    forget: () => outside.forget(),
  };
}

async function findAtStart(
  { config, stores: { storeMarks }, clock }: WatchOptions,
  outside: OutsideMarks,
): Promise<{ notice: RestoredNotice; seen: StoreMark } | undefined> {
  const declared = await findDeclaration(config);
  if (declared !== undefined) {
    const seen = await outside.seen(outside.home);
    const stored = await storeMarks.read(outside.home);
    const { cause = 'declared', createdAt: storedAt } = declared;
    const notice = restoredNotice(cause, { storedAt }, clock());
    return { notice, seen: seen?.mark ?? stored };
  }
  const rollback = await judgeAtStart(storeMarks, outside, config.redis.address === undefined);
  return rollback && { notice: noticeOf(rollback, clock()), seen: rollback.seen };
}

function noticeOf({ cause, stored, seen }: Rollback, at: number): RestoredNotice {
  const storedAt = stored.at > 0 ? stored.at : undefined;
  return restoredNotice(cause, { storedAt, seenAt: seen.at }, at);
}
