/** A whole side down, until it is told to come back. */

import type { Side } from './call.ts';
import type { Fault } from './fault-rule.ts';

export const outageModes = ['refuse', 'hang', 'reset', 'off'] as const;

/** `refuse` answers 503, `hang` never answers, `reset` breaks the connection; nothing is applied. */
export type OutageMode = (typeof outageModes)[number];

const faultOf: Readonly<Record<OutageMode, Fault | undefined>> = {
  refuse: 503,
  hang: 'hang-before',
  reset: 'reset-before',
  off: undefined,
};

/** Both sides up. */
export function makeOutages() {
  const modes: Record<Side, OutageMode> = { passmachine: 'off', bloomreach: 'off' };
  return {
    set(side: Side, mode: OutageMode): void {
      modes[side] = mode;
    },
    fault: (side: Side): Fault | undefined => faultOf[modes[side]],
  };
}
