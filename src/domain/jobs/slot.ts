/**
 * A job's permission to make one call to Passmachine. The queue acquires it, the worker uses it, and the call
 * limiter hands it out (`limiter/slot-scheduler.ts` lists the states of a request for a slot).
 */

export interface Slot {
  /**
   * Called when the job is ready to be sent. Resolves true when the call may start, or false if the process is
   * shutting down and the call must not be made.
   */
  waitForPermit(): Promise<boolean>;
  /** Whether the call may still start: false if the process stood still until its lease ran out. */
  isCurrent(): boolean;
  /**
   * Ends the slot: the call is over, or will not be made. Further calls have no effect. `wasUsed` false: no call was
   * made, so its rate token can be used by another.
   */
  release(use?: { wasUsed: boolean }): void;
}

/**
 * Resolves when the job should be prepared; the lowest priority number goes first. Resolves undefined if the
 * process is shutting down.
 */
export type AcquireSlot = (priority: number) => Promise<Slot | undefined>;
