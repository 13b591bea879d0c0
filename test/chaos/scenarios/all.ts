/** Every scenario; the long ones first, so that none is left over at the end. */

import type { Scenario } from '../scenario.ts';
import { badNeighbour } from './bad-neighbour.ts';
import { capScenarios } from './cap.ts';
import { control } from './control.ts';
import { crashSweep } from './crash-sweep.ts';
import { recovery } from './recovery.ts';
import { redisAway, redisKilled, startOrder } from './redis-trouble.ts';

export const scenarios: readonly Scenario[] = [
  badNeighbour,
  ...crashSweep.toReversed(),
  control,
  recovery,
  redisKilled,
  redisAway,
  ...capScenarios,
  startOrder,
];
