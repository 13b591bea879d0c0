/** Decides whether the store is as new as the marks outside it. */

import type { RestoredCause } from '../../domain/campaigns/restored.ts';
import type { StoreMark, StoreMarks } from '../../ledger/store/store-marks.ts';
import type { OutsideMarks } from './outside-marks.ts';

/**
 * What a store may lose without an alarm: half a second of work. A failover loses the milliseconds that its replicas
 * lag, which may include the latest advance.
 */
const TOLERATED_COUNTS = 1;

/** A store that is behind what was seen of it. `seen`: the newer mark. */
export interface Rollback {
  cause: RestoredCause;
  stored: StoreMark;
  seen: StoreMark;
}

/** Returns undefined if the store is current, or if its restoration was noticed before: it began a later epoch then. */
export function judge(seen: StoreMark, stored: StoreMark): Rollback | undefined {
  if (stored.epoch > seen.epoch) return undefined;
  if (stored.epoch === seen.epoch && stored.count >= seen.count - TOLERATED_COUNTS) return undefined;
  // An advance after the loss has made a new mark.
  const cause = stored.count <= 1 ? 'lost' : 'went-back';
  return { cause, stored, seen };
}

/** More homes than one machine has; they are hosts without a DATA_DIR of their own. */
const MAX_HOMES = 1000;

/**
 * Judges the store before this process has worked with it. `isPrivate`: only processes with this DATA_DIR use the
 * store, so one that has been used must know their home: it learns the home from a process that has judged it.
 */
export async function judgeAtStart(
  storeMarks: StoreMarks,
  outside: OutsideMarks,
  isPrivate: boolean,
): Promise<Rollback | undefined> {
  const known = await storeMarks.homes();
  let isProven = false;
  for (const home of new Set([outside.home, ...known.slice(0, MAX_HOMES)])) {
    const seen = await outside.seen(home);
    if (seen === undefined) continue;
    const stored = await storeMarks.read(home);
    const rollback = judge(seen.mark, stored);
    if (rollback !== undefined) return rollback;
    isProven ||= seen.isBeyondDataDir && stored.count - seen.mark.count <= TOLERATED_COUNTS;
  }
  if (!isPrivate || isProven || known.length === 0) return undefined;
  const isForeign = !known.includes(outside.home) || (await outside.isCopied());
  if (!isForeign) return undefined;
  const stored = await storeMarks.read(known[0] ?? outside.home);
  return { cause: 'copied', stored, seen: stored };
}
