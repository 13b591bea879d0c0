/** Triggers each alert by its cause, with a running passbridge and a real Prometheus. */

import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { faults, thresholds } from './alert-faults.ts';
import { openMonitoredSystem } from './monitored-system.ts';
import { alertsIn, lacksPrometheus, needsPrometheus, readRules } from './prometheus.ts';

it('has a fault for each alert', () => {
  const triggered = faults.flatMap(({ fires }) => fires);
  expect(new Set(triggered)).toEqual(new Set(alertsIn(readRules()).map(({ alert }) => alert)));
});

describe.skipIf(lacksPrometheus)(`with Prometheus${needsPrometheus}`, () => {
  it('no alert fires while all is well, and each alert fires for its fault', async () => {
    const system = await openMonitoredSystem(thresholds);
    await system.issue(50);
    await eventually(async () => {
      expect(await system.value('sum(passbridge_rows{state="done"} > 0)')).toBeDefined();
      expect(await system.value('count(up{job="passbridge"} == 1)')).toBe(3);
      expect(await system.firing()).toEqual([]);
    }, 30_000);
    for (const { cause, fires, inject, repair } of faults) {
      for (const alert of fires) await system.waitUntilResolved(alert);
      await inject(system);
      for (const alert of fires)
        await system.waitUntilFiring(alert).catch((error: unknown) => {
          throw new Error(`${alert} does not fire although ${cause}`, { cause: error });
        });
      await repair?.(system);
    }
  }, 600_000);
});
