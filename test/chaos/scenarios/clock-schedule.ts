/** A schedule that two feeders run, whose hosts' clocks are two hours apart and are exchanged in mid-run. */

import type { ScheduleRun } from '../../../src/domain/schedules/schedule.ts';
import { sleep } from '../../../src/kit/clock.ts';
import { makeScheduleLedger } from '../../../src/ledger/campaigns/schedules.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { goodCustomers } from '../../support/customers.ts';
import { loyaltyProgramYaml } from '../../support/programs-yaml.ts';
import type { Scenario } from '../scenario.ts';

const HOUR_S = 3600;
const MINUTE_MS = 60_000;
const ROWS = 50;
const RUNS = 4;
/** A feeder decides on due times every second, if it is not short of CPU. */
const MAX_LATE_MS = 20_000;

const programs = `${loyaltyProgramYaml}schedules:
  each-minute:
    program: loyalty
    action: issue
    source: { file: export.csv }
    cron: '* * * * *'
    overlap: queue
`;

export const clockSchedule: Scenario = {
  name: 'clocks: schedule',
  description:
    'a schedule that is due every minute, run by a host 1 h ahead and one 1 h behind, which then change places',
  testbed: {
    env: { PROGRAMS_FILE: 'programs.yaml' },
    files: { 'programs.yaml': programs, 'export.csv': goodCustomers(ROWS) },
  },
  processes: 2,
  hostClocks: [HOUR_S, -HOUR_S],
  async play(testbed, _size, { workers }) {
    const ledger = makeScheduleLedger(testbed.redis, makeLedgerKeys(testbed.prefix));
    const runsAfter = async (count: number): Promise<ScheduleRun[]> => {
      const deadline = performance.now() + (RUNS + 1) * MINUTE_MS;
      for (;;) {
        const runs = (await ledger.runs('each-minute')).toSorted((a, b) => a.due - b.due);
        if (runs.length >= count || performance.now() > deadline) return runs;
        await sleep(200);
      }
    };
    await runsAfter(RUNS / 2);
    await workers[0]?.setClock(-HOUR_S);
    await workers[1]?.setClock(HOUR_S);
    const runs = await runsAfter(RUNS);
    const id = runs[0]?.campaign ?? '';
    await testbed.waitForEnd(id, MINUTE_MS);
    const late = runs.map(({ due, at }) => at - due);
    return {
      id,
      rows: ROWS,
      kills: 0,
      maxUnknown: 0,
      figures: {
        runs: String(runs.length),
        'started after their due times': `${Math.min(...late)} to ${Math.max(...late)} ms`,
      },
      problems: [
        ...(runs.length < RUNS ? [`only ${runs.length} runs in ${RUNS + 1} minutes`] : []),
        ...runs.slice(1).flatMap(({ due }, n) => {
          const gap = due - (runs[n]?.due ?? 0);
          return gap === MINUTE_MS ? [] : [`a run follows another after ${gap} ms instead of a minute`];
        }),
        ...late
          .filter((ms) => ms < 0 || ms > MAX_LATE_MS)
          .map((ms) => `a run started ${ms} ms after it was due`),
        ...runs.filter(({ result }) => result !== 'started').map(({ result }) => `a run was ${result}`),
      ],
    };
  },
};
