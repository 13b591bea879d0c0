/**
 * Audits every change that an operator makes. The entry is written before the change: after a crash the audit trail may
 * contain an action that did not take effect, but no action takes effect without an entry. If the entry cannot be
 * written, the change is not made.
 */

import type { AuditDraft } from '../../domain/operators/audit-entry.ts';
import { systemClock } from '../../kit/clock.ts';
import { UserError } from '../../kit/user-error.ts';
import type { Stores } from '../stores.ts';

/**
 * Writes an audit entry and runs the action. If the action throws a {@link UserError}, a second entry voids the first;
 * after any other error the entry stands, because the action may have taken effect.
 */
export async function audited<T>(
  { audit }: Pick<Stores, 'audit'>,
  draft: Omit<AuditDraft, 'at' | 'voids'>,
  action: () => Promise<T>,
): Promise<T> {
  const { n } = await audit.append({ ...draft, at: systemClock() });
  try {
    return await action();
  } catch (error) {
    if (error instanceof UserError) {
      const { before: _before, after: _after, ...rest } = draft;
      await audit.append({ ...rest, at: systemClock(), reason: error.message, voids: n });
    }
    throw error;
  }
}
