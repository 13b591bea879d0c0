/**
 * Fault injection: decides for each call how long it takes and what goes wrong with it. In this order: an outage, the
 * rate limit, the fault rules.
 */

import type { MonotonicClock } from '../kit/clock.ts';
import type { CallKind, Side } from './call.ts';
import { type Fault, type FaultRule, faultRule } from './fault-rule.ts';

/** Returns numbers in [0, 1). */
export type Random = () => number;

/** Returns a reproducible generator (Mulberry32): the same seed gives the same faults and the same jitter. */
export function makeRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface FaultScript {
  /** Appends a rule and returns its id. Throws if the rule breaks the schema. */
  add: (rule: FaultRule) => string;
  /** Returns whether there was such a rule. */
  remove(id: string): boolean;
  clear(): void;
  /** Lists the rules, with how many calls each has matched and how many faults it has injected. */
  list(): { id: string; rule: FaultRule; matched: number; injected: number }[];
}

interface FaultPicker {
  pick(side: Side, kind: CallKind, customer: string | undefined, body: string): Fault | undefined;
  /** Returns the errors of a command in a batch; undefined if no rule refuses it. */
  refusal: (command: unknown) => string[] | undefined;
}

interface ActiveRule {
  id: string;
  rule: FaultRule;
  pattern: RegExp | undefined;
  matched: number;
  injected: number;
}

/** Makes an empty script of rules. They are tried in the order in which they were added; the first that applies wins. */
export function makeFaults(random: Random): FaultScript & FaultPicker {
  let rules: ActiveRule[] = [];
  let lastId = 0;

  const applies = (active: ActiveRule, customer: string | undefined, body: () => string): boolean => {
    const { rule, pattern } = active;
    if (
      pattern !== undefined &&
      !(customer !== undefined && pattern.test(customer)) &&
      !pattern.test(body())
    ) {
      return false;
    }
    active.matched += 1;
    if (active.matched <= (rule.skip ?? 0)) return false;
    if (active.injected >= (rule.times ?? Infinity)) return false;
    if (rule.rate !== undefined && random() >= rule.rate) return false;
    active.injected += 1;
    return true;
  };

  return {
    add(given) {
      const rule = faultRule.parse(given);
      const id = `fault-${++lastId}`;
      const pattern = rule.match === undefined ? undefined : new RegExp(rule.match);
      rules.push({ id, rule, pattern, matched: 0, injected: 0 });
      return id;
    },
    remove(id) {
      const before = rules.length;
      rules = rules.filter((active) => active.id !== id);
      return rules.length < before;
    },
    clear() {
      rules = [];
    },
    list: () => rules.map(({ id, rule, matched, injected }) => ({ id, rule, matched, injected })),
    pick(side, kind, customer, body) {
      return rules.find(
        (active) =>
          (active.rule.target === kind || active.rule.target === side) &&
          applies(active, customer, () => body),
      )?.rule.fault;
    },
    refusal(command) {
      const fault = rules.find(
        (active) =>
          active.rule.target === 'command' && applies(active, undefined, () => JSON.stringify(command)),
      )?.rule.fault;
      return typeof fault === 'object' && 'refuse' in fault ? fault.refuse : undefined;
    },
  };
}

export const outageModes = ['refuse', 'hang', 'reset', 'off'] as const;

/** A whole upstream down: `refuse` answers 503, `hang` never answers, `reset` breaks the connection; nothing is applied. */
export type OutageMode = (typeof outageModes)[number];

const faultOfOutage: Readonly<Record<OutageMode, Fault | undefined>> = {
  refuse: 503,
  hang: 'hang-before',
  reset: 'reset-before',
  off: undefined,
};

export interface RateLimit {
  /** Calls per second. */
  perSecond: number;
  /** Sent as `Retry-After`. Absent: no header, as documented for Bloomreach. */
  retryAfterSeconds?: number;
}

/** Makes a token bucket that holds one second's worth of calls; a call over the limit takes nothing from it. */
function makeLimiter(limit: RateLimit | undefined, clock: MonotonicClock): () => Fault | undefined {
  if (limit === undefined) return () => undefined;
  const { perSecond, retryAfterSeconds: retryAfter } = limit;
  const tooMany: Fault = retryAfter === undefined ? 429 : { status: 429, retryAfter };
  const size = Math.max(1, perSecond);
  let tokens = size;
  let filledAt = clock();
  return () => {
    const now = clock();
    tokens = Math.min(size, tokens + ((now - filledAt) / 1000) * perSecond);
    filledAt = now;
    if (tokens < 1) return tooMany;
    tokens -= 1;
    return undefined;
  };
}

export interface Latency {
  /** Milliseconds before a call is processed and answered. */
  latencyMs: number;
  /** Up to this many milliseconds more, evenly distributed. */
  jitterMs?: number | undefined;
}

/** Sets the latency of one upstream, or of both; calls in progress are not affected. */
export type SetLatency = (latency: Latency, side?: Side) => void;

export interface FaultInjection {
  readonly faults: FaultScript;
  setOutage: (side: Side, mode: OutageMode) => void;
  setLatency: SetLatency;
  /** Returns how long the next call takes, in milliseconds. */
  latencyMs: (side: Side) => number;
  fault: (
    side: Side,
    kind: CallKind | 'unknown',
    customer: string | undefined,
    body: string,
  ) => Fault | undefined;
  refusal: FaultPicker['refusal'];
  /** Ends outages and removes all rules; latency and rate limits stay. */
  clear(): void;
}

interface FaultInjectionOptions {
  /** As documented, Passmachine's limit counts calls for passes only, Bloomreach's every call. */
  limits: Readonly<Record<Side, RateLimit | undefined>>;
  /** Initial latency of both upstreams. */
  latency: Latency;
  seed: number;
  clock: MonotonicClock;
}

export function makeFaultInjection(options: FaultInjectionOptions): FaultInjection {
  const { limits, latency, seed, clock } = options;
  // Two generators: a change of the latency must not change which calls get a fault.
  const [randomJitter, randomFault] = [makeRandom(seed), makeRandom(seed + 1)];
  const faults = makeFaults(randomFault);
  const outages: Record<Side, OutageMode> = { passmachine: 'off', bloomreach: 'off' };
  const latencies: Record<Side, Latency> = { passmachine: latency, bloomreach: latency };
  const limiters: Record<Side, () => Fault | undefined> = {
    passmachine: makeLimiter(limits.passmachine, clock),
    bloomreach: makeLimiter(limits.bloomreach, clock),
  };

  return {
    faults,
    setOutage(side, mode) {
      outages[side] = mode;
    },
    setLatency(changed, side) {
      if (side !== 'bloomreach') latencies.passmachine = changed;
      if (side !== 'passmachine') latencies.bloomreach = changed;
    },
    latencyMs(side) {
      const { latencyMs, jitterMs = 0 } = latencies[side];
      return jitterMs === 0 ? latencyMs : latencyMs + randomJitter() * jitterMs;
    },
    fault(side, kind, customer, body) {
      const outage = faultOfOutage[outages[side]];
      if (kind === 'unknown') return outage;
      const limited = kind === 'authenticate' ? () => undefined : limiters[side];
      return outage ?? limited() ?? faults.pick(side, kind, customer, body);
    },
    refusal: faults.refusal,
    clear() {
      outages.passmachine = 'off';
      outages.bloomreach = 'off';
      faults.clear();
    },
  };
}
