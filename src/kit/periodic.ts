/**
 * Runs a task in the background at an interval. Runs never overlap, and no run starts after `stop`,
 * which waits for the run in progress.
 */

import { sleep } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Part } from './part.ts';

/** Elects the one process that runs the task. */
export interface Leader {
  /** Takes or renews the lease; false while another process holds it. */
  acquire(): Promise<boolean>;
  /** Releases the lease, so that another process need not wait for it to expire. */
  release(): Promise<void>;
}

export interface PeriodicOptions {
  /** Names the task in the log, e.g. `retention`. */
  name: string;
  /** Milliseconds between the end of a run and the start of the next; a function is asked after each run. */
  everyMs: number | (() => number);
  /** Milliseconds before the first run; 0 by default. */
  firstAfterMs?: number;
  /** Share of `everyMs` (0 to 1) by which each pause varies, so that processes started together drift apart. */
  jitter?: number;
  /**
   * The signal aborts on `stop`. After an error the next run happens as planned; the same error of consecutive
   * runs is logged once.
   */
  work: (signal: AbortSignal) => Promise<unknown>;
  /** Absent: every process runs the task. */
  leader?: Leader | undefined;
  /** In [0, 1). */
  random?: () => number;
  log: Logger;
}

export interface Periodic extends Part {
  quiesce(): void;
  /** Ends the current pause, so that the next run starts now. */
  wake(): void;
}

export function startPeriodic(options: PeriodicOptions): Periodic {
  const { name, everyMs, firstAfterMs = 0, jitter = 0, work, leader, random = Math.random, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let pause = new AbortController();

  const rest = async (ms: number) => {
    if (ms > 0 && !pause.signal.aborted) await sleep(ms, pause.signal);
    pause = new AbortController();
  };

  let lastError: string | undefined;
  const runOnce = async () => {
    try {
      if (leader === undefined || (await leader.acquire())) await work(signal);
      lastError = undefined;
    } catch (error) {
      const message = String(error);
      if (message === lastError) return;
      lastError = message;
      log.error({ event: `${name.replaceAll(' ', '-')}.failed`, err: error }, `${name}: this run failed`);
    }
  };

  const run = async () => {
    await rest(firstAfterMs);
    while (!signal.aborted) {
      await runOnce();
      const pauseMs = typeof everyMs === 'number' ? everyMs : everyMs();
      await rest(pauseMs * (1 + jitter * (2 * random() - 1)));
    }
    // A lease that cannot be released expires.
    await leader?.release().catch(() => {});
  };

  const quiesce = () => {
    stopping.abort();
    pause.abort();
  };

  const running = run();
  return {
    name,
    wake: () => pause.abort(),
    quiesce,
    async stop() {
      quiesce();
      await running;
    },
  };
}
