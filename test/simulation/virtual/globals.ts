/**
 * Replaces the clocks, timers and random sources of Node.js by those of a world while it runs, so that the unchanged
 * code of passbridge lives in virtual time.
 */

import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { Scheduled, Scheduler } from '../scheduler.ts';

interface Options {
  scheduler: Scheduler;
  random: Random;
  /** Returns how late a timer fires, ms: no timer is exact. */
  lateness: (ms: number) => number;
  /** The wall clock of the host of the running process; ms since 1970. */
  hostClock: () => number;
}

const cancel = (scheduled: Scheduled | undefined) => scheduled?.cancel();

/** Installs the replacements. Returns the function that removes them. */
export function virtualGlobals({ scheduler, random, lateness, hostClock }: Options): () => void {
  const startedAt = scheduler.now();
  const original = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setImmediate: globalThis.setImmediate,
    clearImmediate: globalThis.clearImmediate,
    random: Math.random,
    now: Date.now,
    performanceNow: performance.now,
    randomUUID: crypto.randomUUID,
    immediatePromise: timers.setImmediate,
  };
  let uuids = 0;

  const setVirtualTimeout = (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const due = scheduler.now() + ms + lateness(ms);
    const timer = {
      ...scheduler.at(due, scheduler.owner(), () => callback(...args)),
      // Whether a timer keeps the process alive does not matter here.
      ref: () => timer,
      unref: () => timer,
    };
    return timer;
  };
  const setVirtualImmediate = (callback: (...args: unknown[]) => void, ...args: unknown[]) => {
    let isCleared = false;
    scheduler.immediately(() => {
      if (!isCleared) callback(...args);
    });
    return { cancel: () => void (isCleared = true) };
  };
  Object.assign(globalThis, {
    setTimeout: setVirtualTimeout,
    clearTimeout: cancel,
    setImmediate: setVirtualImmediate,
    clearImmediate: cancel,
  });
  Object.assign(Math, { random: random.next });
  Object.assign(Date, { now: () => Math.floor(hostClock()) });
  Object.assign(performance, { now: () => scheduler.now() - startedAt });
  Object.assign(crypto, {
    randomUUID: () => `00000000-0000-4000-8000-${String((uuids += 1)).padStart(12, '0')}`,
  });
  Object.assign(timers, {
    setImmediate: () => new Promise<void>((resolve) => scheduler.immediately(resolve)),
  });
  syncBuiltinESMExports();

  return () => {
    const { setTimeout, clearTimeout, setImmediate, clearImmediate } = original;
    Object.assign(globalThis, { setTimeout, clearTimeout, setImmediate, clearImmediate });
    Object.assign(Math, { random: original.random });
    Object.assign(Date, { now: original.now });
    Object.assign(performance, { now: original.performanceNow });
    Object.assign(crypto, { randomUUID: original.randomUUID });
    Object.assign(timers, { setImmediate: original.immediatePromise });
    syncBuiltinESMExports();
  };
}
