/** The doubt about creates of an installation with one process, in memory, for tests with a simulated clock. */

import type { MonotonicClock } from '../../src/kit/clock.ts';
import type { CreateDoubts } from '../../src/worker/create-breaker.ts';

export function makeDoubtsOfOne(clock: MonotonicClock): CreateDoubts {
  let failures = 0;
  let until = 0;
  return {
    async beginTrial() {
      const waitMs = until - clock();
      return waitMs > 0 ? { kind: 'wait', waitMs, isPaused: true } : { kind: 'granted' };
    },
    async endTrial(result) {
      if (result === 'made') failures = 0;
      if (result !== 'maybe') return 0;
      const pauseMs = Math.min(5000 * 3 ** failures, 600_000);
      failures += 1;
      until = clock() + pauseMs;
      return pauseMs;
    },
  };
}
