/** The queues as BullMQ stores them, for admins who look into the engine. Without personal data. Times are ms since 1970. */

export interface QueueDiagnostics {
  name: string;
  /** BullMQ jobs by state. In the pass queue each carries up to ten pass jobs. */
  counts: Readonly<Record<QueueCount, number>>;
  /** Age in ms of the job that has waited longest; undefined if none waits. */
  oldestWaitingMs: number | undefined;
  /** Processes that work on the queue. */
  workers: number;
}

export const queueCounts = ['waiting', 'prioritized', 'delayed', 'active', 'failed'] as const;

export type QueueCount = (typeof queueCounts)[number];

/** One job as BullMQ stores it. */
export interface JobDiagnostics {
  queue: string;
  /** BullMQ's id. */
  id: string;
  /** BullMQ's state, e.g. `prioritized`. */
  state: string;
  priority: number;
  addedAt: number;
  /** When a worker took it last. */
  takenAt?: number;
  /** Not before this time. */
  dueAt?: number;
  /** How often BullMQ has started it. */
  attemptsStarted: number;
  /** How often its worker was lost. */
  stalls: number;
  /** The pass jobs that a batch job carries, with the attempts of each. */
  passJobs: { id: string; attempts: number }[];
}
