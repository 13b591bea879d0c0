/**
 * One of two processes is suspended for longer than its locks, leases and timeouts, with calls in flight. The other
 * takes over and settles its creates as unknown; when it continues, its answers prove the cards.
 */

import { sleep } from '../../../src/kit/clock.ts';
import { readRunRecords } from '../run-records.ts';
import type { Scenario, Size } from '../scenario.ts';

const suspensionsMs: Readonly<Record<Size, readonly number[]>> = {
  short: [15_000],
  full: [15_000, 25_000, 60_000, 15_000, 25_000, 60_000, 15_000, 25_000, 60_000, 15_000],
};
/** Ten calls of a second each, half of them while the permits of the suspended process are taken. */
const LATENCY_MS = 1000;
const ROWS_PER_SECOND = 11;
/** Calls before a suspension: both processes have calls in flight again. */
const MIN_CALLS = 15;
const MAX_MS_PER_SUSPENSION = 240_000;

export const suspendedWorker: Scenario = {
  name: 'suspended worker',
  description:
    'SIGSTOP of one of two processes in mid-call for 15, 25 and 60 s, 10 times; every card that was answered is done',
  testbed: { latencyMs: LATENCY_MS },
  processes: 2,
  async play(testbed, size, { workers }) {
    const suspensions = suspensionsMs[size];
    const seconds = suspensions.reduce((sum, ms) => sum + ms / 1000, 0);
    const rows = Math.ceil(seconds * ROWS_PER_SECOND);
    const id = await testbed.startCampaign(rows);
    const { witness } = testbed.sandbox;
    let takenOver = 0;
    for (const [n, ms] of suspensions.entries()) {
      const calls = witness.count('create') + MIN_CALLS;
      const deadline = performance.now() + MAX_MS_PER_SUSPENSION;
      while (witness.count('create') < calls) {
        if (performance.now() > deadline) {
          const found = JSON.stringify(await testbed.campaign(id));
          throw new Error(`no calls before suspension ${n + 1}: ${found}`);
        }
        await sleep(50);
      }
      await workers[n % workers.length]?.suspend(ms);
      takenOver += (await testbed.campaign(id)).unknown;
    }
    await testbed.waitForEnd(id, 400_000);

    const { failed } = await readRunRecords(testbed, { id, rows });
    const answered = new Set(
      witness
        .entries()
        .filter(({ kind, applied, status = 0 }) => kind === 'create' && applied === true && status < 300)
        .map(({ customer }) => customer),
    );
    const notDone = [...failed].filter(([row, state]) => state !== 'done' && answered.has(`c-${row}`));
    return {
      id,
      rows,
      kills: 0,
      // Suspended between the mark and the first byte.
      maxUnknown: suspensions.length,
      unsentPerInterruption: 1,
      figures: {
        suspended: `${suspensions.length} times`,
        'unknown until the answer came': String(takenOver),
      },
      problems: notDone.length > 0 ? [`${notDone.length} answered cards are not done`] : [],
    };
  },
};
