/** Plays worlds of consecutive seeds and judges them. */

import { type Violation, checkHistory } from './checker.ts';
import type { RedisServer } from './redis-server.ts';
import { type Played, playWorld } from './world.ts';
import { specOf, type WorldSpec } from './world-spec.ts';

export interface Finding {
  spec: WorldSpec;
  violations: Violation[];
  played: Played;
}

/** Plays a world; returns undefined if it violates nothing. */
export async function judgeWorld(server: RedisServer, spec: WorldSpec): Promise<Finding | undefined> {
  const played = await playWorld(server, spec);
  const violations = checkHistory(played.history);
  for (const bug of played.bugs)
    violations.push({ invariant: 'no row lost', problem: `passbridge failed: ${bug}` });
  return violations.length === 0 ? undefined : { spec, violations, played };
}

/** Plays worlds from the first seed on until one violates an invariant; undefined if none of them does. */
export async function findViolation(
  server: RedisServer,
  { first, worlds }: { first: number; worlds: number },
): Promise<Finding | undefined> {
  for (let seed = first; seed < first + worlds; seed += 1) {
    const finding = await judgeWorld(server, specOf(seed));
    if (finding !== undefined) return finding;
  }
  return undefined;
}

/** Leaves out faults, campaigns and rows as long as the same invariant is violated. Plays at most `maxWorlds`. */
export async function shrink(server: RedisServer, found: Finding, maxWorlds = 60): Promise<Finding> {
  const [{ invariant } = { invariant: undefined }] = found.violations;
  let smallest = found;
  let left = maxWorlds;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const spec of smallerSpecs(smallest.spec)) {
      if ((left -= 1) < 0) return smallest;
      const finding = await judgeWorld(server, spec);
      if (!finding?.violations.some((violation) => violation.invariant === invariant)) continue;
      smallest = finding;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

function without<T>(items: readonly T[], nth: number): T[] {
  return items.filter((_, index) => index !== nth);
}

function* smallerSpecs(spec: WorldSpec): Generator<WorldSpec> {
  for (const nth of spec.campaigns.keys()) {
    if (spec.campaigns.length > 1) yield { ...spec, campaigns: without(spec.campaigns, nth) };
  }
  for (const nth of spec.faults.keys()) yield { ...spec, faults: without(spec.faults, nth) };
  if (spec.pause !== undefined) yield { ...spec, pause: undefined };
  if (spec.processes > 1) yield { ...spec, processes: spec.processes - 1 };
  for (const [nth, campaign] of spec.campaigns.entries()) {
    const { customers } = campaign;
    for (const count of [Math.floor(customers.length / 2), customers.length - 1]) {
      if (count < 1) continue;
      const smaller = { ...campaign, customers: customers.slice(0, count) };
      yield { ...spec, campaigns: spec.campaigns.map((one, index) => (index === nth ? smaller : one)) };
    }
  }
}
