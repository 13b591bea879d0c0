/** The start/stop contract of everything that runs inside the process. */

import type { Logger } from './logger.ts';

export interface Part {
  name: string;
  /** Resolves when all its work and connections have ended. */
  stop(): Promise<unknown>;
}

/**
 * Stops parts in reverse order of start, within `graceMs` overall. A part that exceeds the time is logged
 * and abandoned; its leases expire.
 */
export async function stopParts(parts: readonly Part[], graceMs: number, log: Logger): Promise<void> {
  const deadline = AbortSignal.timeout(graceMs);
  const timeout = new Promise<'timeout'>((resolve) => {
    deadline.addEventListener('abort', () => resolve('timeout'), { once: true });
  });
  for (const part of parts.toReversed()) {
    const result = await Promise.race([part.stop(), timeout]);
    if (result === 'timeout')
      log.warn({ event: 'part.stop-timed-out', part: part.name }, 'did not stop in time');
  }
}
