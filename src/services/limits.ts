/** The limits on calls to Passmachine: held while workers run, and changed by hand within what is configured. */

import { UserError } from '../kit/user-error.ts';
import type { Limits, LimitsByHand } from '../domain/campaigns/limits.ts';
import type { Logger } from '../kit/logger.ts';
import type { PassLimits } from '../limiter/pass-limits.ts';
import { recorded } from './operators/audit.ts';
import type { Act } from './campaigns/control.ts';
import type { Part } from '../kit/part.ts';
import type { Stores } from './stores.ts';

type LimitStores = Pick<Stores, 'passLimits' | 'audit'>;

/** BullMQ keeps among its own keys that it obeys the gate; whoever clears a queue by hand clears that with it. */
const CHECK_EVERY_MS = 30_000;

/** Has the queue obey the gate now, and again whenever it is found not to. */
export async function holdLimits(limits: Pick<PassLimits, 'hold'>, log: Logger): Promise<Part> {
  await limits.hold();
  const check = async () => {
    if (await limits.hold()) {
      log.error({ event: 'limits.gone' }, 'what the queue knows of its gate was gone or changed; set again');
    }
  };
  const timer = setInterval(() => {
    check().catch((error: unknown) => log.error({ event: 'limits.unchecked', err: error }));
  }, CHECK_EVERY_MS);
  return { name: 'limits', stop: async () => clearInterval(timer) };
}

/**
 * Sets limits by hand for all processes. They go no higher than the configured ones, which are what
 * was agreed with Passmachine. Throws a {@link UserError}.
 */
export async function setLimits(
  stores: LimitStores,
  byHand: LimitsByHand,
  configured: Limits,
  act: Act,
): Promise<void> {
  const problems = [
    problem('in flight', byHand.maxInFlight, ['PASSMACHINE_MAX_IN_FLIGHT', configured.maxInFlight]),
    problem('per second', byHand.maxPerSecond, ['PASSMACHINE_MAX_PER_SECOND', configured.maxPerSecond]),
  ].filter((found) => found !== undefined);
  if (problems.length > 0) throw new UserError('LIMIT_REFUSED', problems.join('\n'));
  const before = await limitsNow(stores);
  const { maxInFlight: inFlight = before.inFlight, maxPerSecond: perSecond = before.perSecond } = byHand;
  const change = { on: 'limits', before, after: { inFlight, perSecond } };
  await recorded(stores, { ...act, act: 'limits.set', ...change }, () => stores.passLimits.set(byHand));
}

/** Back to the configured limits, for all processes. */
export async function resetLimits(stores: LimitStores, configured: Limits, act: Act): Promise<void> {
  const after = { inFlight: configured.maxInFlight, perSecond: configured.maxPerSecond ?? null };
  const change = { on: 'limits', before: await limitsNow(stores), after };
  await recorded(stores, { ...act, act: 'limits.reset', ...change }, () => stores.passLimits.reset());
}

/** Null: no limit. */
async function limitsNow({ passLimits }: LimitStores) {
  const { maxInFlight, maxPerSecond } = await passLimits.inForce();
  return { inFlight: maxInFlight.limit ?? null, perSecond: maxPerSecond.limit ?? null };
}

function problem(
  what: string,
  wanted: number | undefined,
  [setting, most]: [setting: string, most: number | undefined],
): string | undefined {
  if (wanted === undefined || (wanted >= 1 && wanted <= (most ?? Infinity))) return undefined;
  const range = most === undefined ? 'starts at 1' : `goes from 1 to ${setting}, here ${most}`;
  return `${wanted} ${what} cannot be set: the live limit ${range}.`;
}
