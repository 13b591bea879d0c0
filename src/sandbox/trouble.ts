/** Everything that can go wrong with a call, in the order in which it would: an outage, the rate limit, a scripted fault. */

import type { Clock } from '../kit/clock.ts';
import type { CallKind, Side } from './call.ts';
import type { Fault } from './fault-rule.ts';
import { type FaultPicker, type FaultScript, makeFaults } from './faults.ts';
import { makeOutages, type OutageMode } from './outage.ts';
import type { Random } from './random.ts';
import { makeBucket, type RateLimit } from './rate-limit.ts';

export interface Trouble {
  readonly faults: FaultScript;
  setOutage: (side: Side, mode: OutageMode) => void;
  fault: (
    side: Side,
    kind: CallKind | 'unknown',
    customer: string | undefined,
    body: string,
  ) => Fault | undefined;
  refusal: FaultPicker['refusal'];
  /** Ends outages and drops every rule; rate limits stay. */
  clear(): void;
}

/** Passmachine's limit counts calls for passes only, Bloomreach's every call, as they document. */
export function makeTrouble(
  limits: Readonly<Record<Side, RateLimit | undefined>>,
  random: Random,
  clock: Clock,
): Trouble {
  const faults = makeFaults(random);
  const outages = makeOutages();
  const limiters = {
    passmachine: makeLimiter(limits.passmachine, clock),
    bloomreach: makeLimiter(limits.bloomreach, clock),
  };

  return {
    faults,
    setOutage: (side, mode) => outages.set(side, mode),
    fault(side, kind, customer, body) {
      if (kind === 'unknown') return outages.fault(side);
      const counted = kind !== 'authenticate';
      return (
        outages.fault(side) ??
        (counted ? limiters[side]() : undefined) ??
        faults.pick(side, kind, customer, body)
      );
    },
    refusal: faults.refusal,
    clear() {
      outages.set('passmachine', 'off');
      outages.set('bloomreach', 'off');
      faults.clear();
    },
  };
}

function makeLimiter(limit: RateLimit | undefined, clock: Clock): () => Fault | undefined {
  if (limit === undefined) return () => undefined;
  const { retryAfterSeconds: retryAfter } = limit;
  const tooMany: Fault = retryAfter === undefined ? 429 : { status: 429, retryAfter };
  const admit = makeBucket(limit, clock);
  return () => (admit() ? undefined : tooMany);
}
