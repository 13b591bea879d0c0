/**
 * Who goes next of the jobs that this process has in hand. Some get ready ahead of their turn, so that no
 * permit lies idle while Redis is asked about them; none begins its call beyond the permits held.
 */

import type { Slot } from '../domain/jobs/slot.ts';
import type { Clock } from '../kit/clock.ts';
import { makeAverage } from './average.ts';

export interface CallLimiter {
  /** Resolves when the job should get ready, the most urgent (lowest) first; undefined where the process stops. */
  acquire(priority: number): Promise<Slot | undefined>;
  /** Calls under way, how many there would be were there permits for all, and how many of those lack a start. */
  demand(): { busy: number; wanted: number; begins: number };
  /** As many calls may be under way from now on; none begins after `until` (ms). */
  allow(calls: number, until: number): void;
  /** So many more may begin until then (ms): for who is told how many a second. Without it, any number. */
  start(calls: number, until: number): void;
  /** Sends those away whose call has not begun. */
  close(): void;
}

interface Waiting {
  priority: number;
  approach: (slot: Slot | undefined) => void;
}

/** `wanting` is called whenever more could be under way than may be, `idle` whenever more may be than could. */
export function makeCallLimiter(clock: Clock, wanting: () => void, idle: () => void = () => {}): CallLimiter {
  const line: Waiting[] = [];
  const ready: ((mayBegin: boolean) => void)[] = [];
  const readyMs = makeAverage();
  const callMs = makeAverage();
  let ahead = 0;
  let busy = 0;
  let allowed = 0;
  let until = 0;
  let starts = Infinity;
  let startsUntil = Infinity;
  let closed = false;

  const startsLeft = () => (clock() <= startsUntil ? starts : 0);

  /** Little's law: as many as get their turn in the time that it takes to get ready. */
  const mostAhead = () =>
    Math.min(allowed, 1 + Math.ceil((3 * allowed * readyMs.value()) / Math.max(1, callMs.value())));

  const advance = () => {
    const mayBegin = clock() <= until ? allowed : 0;
    while (busy < mayBegin && startsLeft() > 0 && ready.length > 0) {
      ahead -= 1;
      busy += 1;
      starts -= 1;
      ready.shift()?.(true);
    }
    // A job that is held for its customer may not wait for another second.
    while (line.length > 0 && busy + ahead < allowed + mostAhead() && ahead < startsLeft()) {
      ahead += 1;
      const next = line.shift();
      const slot = makeSlot();
      // Once the calls that begin now have left: to get ready takes longer than to send one.
      setImmediate(() => next?.approach(slot));
    }
    if (line.length + ready.length > 0 && (busy >= allowed || startsLeft() === 0)) wanting();
    if (line.length + ahead === 0 && busy < allowed) idle();
  };

  const makeSlot = (): Slot => {
    let since = clock();
    let stage: 'ahead' | 'busy' | 'over' = 'ahead';
    return {
      async start() {
        readyMs.add(clock() - since);
        if (closed) return false;
        const mayBegin = await new Promise<boolean>((resolve) => {
          ready.push(resolve);
          advance();
        });
        if (mayBegin) stage = 'busy';
        since = clock();
        return mayBegin;
      },
      release() {
        if (stage === 'busy') {
          busy -= 1;
          callMs.add(clock() - since);
        } else if (stage === 'ahead') ahead -= 1;
        stage = 'over';
        advance();
      },
    };
  };

  return {
    acquire: (priority) =>
      closed
        ? Promise.resolve(undefined)
        : new Promise((approach) => {
            const behind = line.findIndex((other) => other.priority > priority);
            line.splice(behind < 0 ? line.length : behind, 0, { priority, approach });
            advance();
          }),
    demand: () => ({
      busy,
      wanted: busy + ahead + line.length,
      begins: Math.max(0, ahead + line.length - startsLeft()),
    }),
    allow(calls, lastBegin) {
      allowed = calls;
      until = lastBegin;
      advance();
    },
    start(calls, lastStart) {
      starts = (Number.isFinite(starts) ? startsLeft() : 0) + calls;
      startsUntil = lastStart;
      advance();
    },
    close() {
      closed = true;
      for (const { approach } of line.splice(0)) approach(undefined);
      for (const turnAway of ready.splice(0)) turnAway(false);
    },
  };
}
