/** Speed limits for calls to Passmachine, changed by an operator up to the configured ones. */

import { UserError } from '../../kit/user-error.ts';
import type { Limits, LimitOverrides } from '../../domain/campaigns/limits.ts';
import { audited } from '../operators/audit.ts';
import type { ActionContext } from './control.ts';
import type { Stores } from '../stores.ts';

type LimitStores = Pick<Stores, 'passLimits' | 'audit'>;

/**
 * Overrides the limits for all processes. They cannot exceed the configured ones, which were agreed with Passmachine.
 * Throws a {@link UserError}.
 */
export async function setLimits(
  stores: LimitStores,
  overrides: LimitOverrides,
  configured: Limits,
  context: ActionContext,
): Promise<void> {
  if (overrides.maxInFlight === undefined && overrides.maxPerSecond === undefined) {
    throw new UserError(
      'LIMIT_REFUSED',
      'There is no limit to set. Enter calls in flight, calls per second, or both.',
    );
  }
  const problems = [
    problem('in flight', overrides.maxInFlight, ['PASSMACHINE_MAX_IN_FLIGHT', configured.maxInFlight]),
    problem('per second', overrides.maxPerSecond, ['PASSMACHINE_MAX_PER_SECOND', configured.maxPerSecond]),
  ].filter((found) => found !== undefined);
  if (problems.length > 0) throw new UserError('LIMIT_REFUSED', problems.join('\n'));
  const before = await currentLimits(stores);
  const { maxInFlight: inFlight = before.inFlight, maxPerSecond: perSecond = before.perSecond } = overrides;
  const change = { target: 'limits', before, after: { inFlight, perSecond } };
  await audited(stores, { ...context, action: 'limits.set', ...change }, () =>
    stores.passLimits.set(overrides),
  );
}

/** Restores the configured limits for all processes. */
export async function resetLimits(
  stores: LimitStores,
  configured: Limits,
  context: ActionContext,
): Promise<void> {
  const after = { inFlight: configured.maxInFlight, perSecond: configured.maxPerSecond ?? null };
  const change = { target: 'limits', before: await currentLimits(stores), after };
  await audited(stores, { ...context, action: 'limits.reset', ...change }, () => stores.passLimits.reset());
}

/**
 * Opens the 429 gate and ends the pause of write-backs, for all processes. Returns whether calls to either upstream
 * were paused.
 */
export async function openGate(
  stores: Pick<Stores, 'passQueue' | 'bloomreachPauses' | 'audit'>,
  context: ActionContext,
): Promise<boolean> {
  const { passQueue, bloomreachPauses } = stores;
  const [closedMs, pause] = await Promise.all([passQueue.gateMs(), bloomreachPauses.current()]);
  if (closedMs === 0 && pause === undefined) return false;
  const before = {
    passmachineSeconds: inSeconds(closedMs),
    bloomreachSeconds: inSeconds(pause?.leftMs ?? 0),
  };
  const after = { passmachineSeconds: 0, bloomreachSeconds: 0 };
  const change = { action: 'gate.open', target: 'gate', before, after } as const;
  await audited(stores, { ...context, ...change }, () =>
    Promise.all([passQueue.openGate(), bloomreachPauses.resume()]),
  );
  return true;
}

function inSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

/** Null means no limit. */
async function currentLimits({ passLimits }: LimitStores) {
  const { maxInFlight, maxPerSecond } = await passLimits.effective();
  return { inFlight: maxInFlight.limit ?? null, perSecond: maxPerSecond.limit ?? null };
}

function problem(
  unit: string,
  requested: number | undefined,
  [setting, max]: [setting: string, max: number | undefined],
): string | undefined {
  if (requested === undefined || (requested >= 1 && requested <= (max ?? Infinity))) return undefined;
  const range = max === undefined ? 'at least 1' : `between 1 and ${setting}, which is ${max}`;
  return `The limit of ${requested} ${unit} is out of range. It must be ${range}.`;
}
