/** All scenarios. The longest come first, so that none of them runs alone at the end. */

import type { Scenario } from '../scenario.ts';
import { failingUpstreams } from './failing-upstreams.ts';
import { capScenarios } from './cap.ts';
import { clockSchedule } from './clock-schedule.ts';
import { clockScenarios } from './clocks.ts';
import { control } from './control.ts';
import { crashSweep } from './crash-sweep.ts';
import { kills, killsWithFaults } from './kills.ts';
import { newestData } from './newest-data.ts';
import { lateImport } from './late-import.ts';
import { outages } from './outages.ts';
import { recovery } from './recovery.ts';
import { suspended } from './suspended.ts';
import { suspendedWorker } from './suspended-worker.ts';
import { sourceTrouble } from './source-trouble.ts';
import { redisAway, redisKilled, startOrder } from './redis-trouble.ts';

export const scenarios: readonly Scenario[] = [
  failingUpstreams,
  ...outages,
  ...crashSweep.toReversed(),
  suspendedWorker,
  killsWithFaults,
  newestData,
  kills,
  control,
  recovery,
  sourceTrouble,
  lateImport,
  redisKilled,
  redisAway,
  clockSchedule,
  ...clockScenarios,
  suspended,
  ...capScenarios,
  startOrder,
];
