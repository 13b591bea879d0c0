/** Each alert is made to fire by what it is about: a real Prometheus watches passbridge at work. */

import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { faults, thresholds } from './alert-faults.ts';
import { alertsIn, readRules } from './alert-rules.ts';
import { lacksPrometheus, needsPrometheus } from './promtool.ts';
import { openWorld } from './watched-world.ts';

it('there is a fault for each alert', () => {
  const made = faults.flatMap(({ fires }) => fires);
  expect(new Set(made)).toEqual(new Set(alertsIn(readRules()).map(({ alert }) => alert)));
});

describe.skipIf(lacksPrometheus)(`with Prometheus${needsPrometheus}`, () => {
  it('all is quiet while all is well, and each alert fires by its fault', async () => {
    const world = await openWorld(thresholds);
    await world.issue(50);
    await eventually(async () => {
      expect(await world.value('sum(passbridge_rows{state="done"} > 0)')).toBeDefined();
      expect(await world.value('count(up{job="passbridge"} == 1)')).toBe(3);
      expect(await world.dueRun()).toEqual([]);
    }, 30_000);
    for (const { what, fires, strike, mend } of faults) {
      for (const alert of fires) await world.isQuietOf(alert);
      await strike(world);
      for (const alert of fires)
        await world.fires(alert).catch((error: unknown) => {
          throw new Error(`${alert} does not fire though ${what}`, { cause: error });
        });
      await mend?.(world);
    }
  }, 300_000);
});
