/**
 * Has whatever a person changes written down. The entry comes first and says what is wished: after
 * a crash at any moment the audit may tell of an act that did not take effect, but none takes effect
 * that it does not tell of. What cannot be written down is not done.
 */

import { UserError } from '../../kit/user-error.ts';
import type { AuditDraft } from '../../domain/operators/audit-entry.ts';
import { systemClock } from '../../kit/clock.ts';
import type { Stores } from '../stores.ts';

/**
 * Writes an act down and does it. Where it throws an {@link UserError}, a second entry voids the
 * first; after any other error the first one stands, because the act may have taken effect.
 */
export async function recorded<T>(
  { audit }: Pick<Stores, 'audit'>,
  draft: Omit<AuditDraft, 'at' | 'voids'>,
  act: () => Promise<T>,
): Promise<T> {
  const { n } = await audit.append({ ...draft, at: systemClock() });
  try {
    return await act();
  } catch (error) {
    if (error instanceof UserError) {
      const { before: _before, after: _after, ...same } = draft;
      await audit.append({ ...same, at: systemClock(), reason: error.message, voids: n });
    }
    throw error;
  }
}
