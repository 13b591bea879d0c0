/**
 * Logs and audits refused sign-ins. Audit entries are kept for good, and anyone who reaches the sign-in page can cause
 * them, so those above a limit are counted and follow as one entry.
 */

import { systemClock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { RecordRefusal } from '../../web/auth/passwords.ts';
import type { Stores } from '../stores.ts';

/** Entries of their own between two flushes. */
const MAX_ENTRIES = 20;

/** How often {@link RefusedSignIns.flush} must be called, ms. */
export const REFUSALS_FLUSH_MS = 60_000;

export interface RefusedSignIns {
  /** Logs and audits one refusal, or counts it. Never throws: the refusal stands whatever becomes of its record. */
  record: RecordRefusal;
  /** Writes one entry for those that were only counted, and starts a new period. */
  flush(): Promise<void>;
}

const counted = {
  by: 'several names',
  from: 'several addresses',
};

export function makeRefusedSignIns({ audit }: Pick<Stores, 'audit'>, log: Logger): RefusedSignIns {
  let entries = 0;
  let unlisted = 0;

  const append = (by: string, target: string, reason: string) =>
    audit.append({ at: systemClock(), by, via: 'dashboard', action: 'operator.refused', target, reason });

  return {
    record({ by, from, why }) {
      // What was refused without looking at the password says nothing more than the wrong passwords before it.
      if (why !== 'wrong' || entries >= MAX_ENTRIES) {
        unlisted += 1;
        if (unlisted === 1) log.warn({ event: 'operator.refused', by, from, why }, 'more are only counted');
        return;
      }
      entries += 1;
      log.warn({ event: 'operator.refused', by, from, why });
      append(by, from, '').catch((error: unknown) => {
        log.error({ event: 'audit.failed', action: 'operator.refused', err: error });
      });
    },
    async flush() {
      const count = unlisted;
      entries = 0;
      unlisted = 0;
      if (count === 0) return;
      log.warn({ event: 'operator.refused', count }, 'refused sign-ins that were only counted');
      await append(counted.by, counted.from, `${count} more within a minute`);
    },
  };
}
