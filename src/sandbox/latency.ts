/** How long each side takes to answer. */

import type { Side } from './call.ts';
import type { Random } from './random.ts';

export interface Latency {
  /** Milliseconds before a call is carried out and answered. */
  latencyMs: number;
  /** Up to this much more, evenly spread. */
  jitterMs?: number | undefined;
}

export interface Latencies {
  /** Changes one side, or both; calls already waiting keep their time. */
  set: (latency: Latency, side?: Side) => void;
  /** The wait for the next call of a side. */
  draw: (side: Side) => number;
}

/** Both sides start with the same latency. */
export function makeLatencies(initial: Latency, random: Random): Latencies {
  const current = { passmachine: initial, bloomreach: initial };
  return {
    set(latency, side) {
      if (side !== 'bloomreach') current.passmachine = latency;
      if (side !== 'passmachine') current.bloomreach = latency;
    },
    draw(side) {
      const { latencyMs, jitterMs = 0 } = current[side];
      return jitterMs === 0 ? latencyMs : latencyMs + random() * jitterMs;
    },
  };
}
