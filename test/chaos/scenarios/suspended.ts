/** A process that is suspended, as a virtual machine is, for longer than its timeouts and leases last. */

import { sleep } from '../../../src/kit/clock.ts';
import type { Scenario, Size } from '../scenario.ts';

interface Load {
  rows: number;
  times: number;
  suspendMs: number;
}

const loads: Readonly<Record<Size, Load>> = {
  short: { rows: 400, times: 2, suspendMs: 13_000 },
  full: { rows: 4000, times: 20, suspendMs: 15_000 },
};

export const suspended: Scenario = {
  name: 'suspended',
  description:
    'SIGSTOP of the only process for 15 s, 20 times, with calls in flight that are answered meanwhile; ' +
    'none of them ends as a timeout',
  processes: 1,
  async play(testbed, size, { workers }) {
    const { rows, times, suspendMs } = loads[size];
    const id = await testbed.startCampaign(rows);
    let answered = 0;
    let done = 0;
    for (; done < times; done += 1) {
      const before = testbed.sandbox.witness.entries().length;
      while (testbed.sandbox.witness.entries().length < before + 50) await sleep(10);
      const at = testbed.sandbox.witness.now();
      await workers[0]?.suspend(suspendMs);
      answered += testbed.sandbox.witness
        .entries()
        .filter((call) => call.kind === 'create' && call.at < at && at < call.at + (call.ms ?? 0)).length;
    }
    await testbed.waitForEnd(id, 240_000);
    const timeouts = (await testbed.logLines()).filter((line) => line.includes('PM_UNKNOWN_TIMEOUT'));
    return {
      id,
      rows,
      kills: 0,
      // The locks of the batch jobs expire meanwhile, so that their jobs are delivered again, as after a crash.
      maxUnknown: 10 * times,
      problems: timeouts,
      figures: {
        suspended: `${done} times`,
        'calls answered meanwhile': String(answered),
        timeouts: String(timeouts.length),
      },
    };
  },
};
