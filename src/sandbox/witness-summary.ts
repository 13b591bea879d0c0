/** Summarizes the record of the witness as one small JSON object, for other processes and for operators. */

import { callKinds } from './call.ts';
import type { Witness } from './witness.ts';

/** The period of the average. By default it runs from the first call for a pass to the end of the last. */
export interface Window {
  from?: number | undefined;
  to?: number | undefined;
}

/** Sorts and sums over all kept calls: not for a hot path. */
export function summarize(witness: Witness, { from, to }: Window = {}) {
  const calls = witness.entries().filter(({ kind }) => kind === 'create' || kind === 'patch');
  const first = calls[0]?.at ?? 0;
  const last = calls.reduce(
    (end, { at, ms }) => Math.max(end, ms === undefined ? witness.now() : at + ms),
    0,
  );
  const delays = witness.writeBacks.delays().toSorted((a, b) => a - b);
  const creates = [...witness.createsApplied().values()];

  return {
    calls: Object.fromEntries(callKinds.map((kind) => [kind, witness.count(kind)])),
    maxInFlight: witness.maxInFlight(),
    maxInFlightAll: witness.maxInFlight('all'),
    averageInFlight: witness.averageInFlight(from ?? first, to ?? last),
    firstPassCallAt: first,
    lastPassCallEndedAt: last,
    cards: creates.reduce((sum, count) => sum + count, 0),
    customersWithCard: creates.length,
    doubles: witness.doubles(),
    writtenBack: delays.length,
    notWrittenBack: witness.writeBacks.missing().length,
    writeBackDelayMs: {
      p50: quantile(delays, 0.5),
      p95: quantile(delays, 0.95),
      max: delays.at(-1) ?? 0,
    },
  };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
