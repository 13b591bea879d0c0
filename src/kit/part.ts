/** The contract of everything that runs: it has a name, and stopping it waits until it has let go. */

import type { Logger } from './logger.ts';

export interface Part {
  name: string;
  stop(): Promise<unknown>;
}

/**
 * Stops parts in the reverse of the order in which they were started, within `graceMs` over all.
 * A part that does not let go in time is reported and left: what it held comes back by itself.
 */
export async function stopParts(parts: readonly Part[], graceMs: number, log: Logger): Promise<void> {
  const deadline = AbortSignal.timeout(graceMs);
  const tooLate = new Promise<'late'>((resolve) => {
    deadline.addEventListener('abort', () => resolve('late'), { once: true });
  });
  for (const part of parts.toReversed()) {
    const ended = await Promise.race([part.stop(), tooLate]);
    if (ended === 'late') log.warn({ event: 'stop.late', part: part.name }, 'did not stop in time');
  }
}
