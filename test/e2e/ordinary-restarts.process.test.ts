/** Restarts and crashes that lose nothing must not be taken for a restored store. The witness counts the cards. */

import { expect, it } from 'vitest';
import { campaignIdIn } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { makeInstallation } from '../support/restored-store.ts';
import { WITNESS_REPORT } from '../support/witness-reporter.ts';

/** RESTARTS=50 runs the same for longer. */
const RESTARTS = Number(process.env['RESTARTS'] ?? 6);
/** More than are made before the next restart, so that each falls in mid-campaign. */
const ROWS = 100 + RESTARTS * 20;
/** Cards between two restarts. */
const CARDS = 5;
/** Calls in flight at a kill, which end unknown. */
const MAX_IN_FLIGHT = 10;

const kinds = ['SIGTERM', 'kill -9', 'kill -9 of Redis', 'kill -9 of both'] as const;

it(
  `raises no alarm about a restored store after ${RESTARTS} restarts in mid-campaign`,
  { timeout: 1_800_000 },
  async ({ annotate }) => {
    const own = await makeInstallation({ rows: ROWS, settings: { PASSMACHINE_MAX_PER_SECOND: '20' } });
    const { sandbox } = own;
    let up = await own.up();
    await own.write('all.csv', goodCustomers(ROWS));
    const issued = await own.run(['issue', 'loyalty', 'all.csv', '--detach']);
    expect(issued.code, issued.stderr).toBe(0);
    expect(campaignIdIn(issued.stdout)).not.toBe('no campaign');

    for (let n = 0; n < RESTARTS; n += 1) {
      const made = sandbox.passes.size;
      await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(made + CARDS), 120_000);
      const kind = kinds[n % kinds.length] ?? 'SIGTERM';
      switch (kind) {
        case 'SIGTERM':
          await own.stop(up);
          up = await own.up();
          break;
        case 'kill -9':
          await own.stop(up, 'SIGKILL');
          up = await own.up();
          break;
        case 'kill -9 of Redis':
          await own.killRedis();
          break;
        case 'kill -9 of both':
          await Promise.all([own.killRedis(), own.stop(up, 'SIGKILL')]);
          up = await own.up();
      }
    }
    expect(sandbox.passes.size, 'cards when the last restart was over').toBeLessThan(ROWS);
    const ended = await eventually(async () => {
      const { restored, campaigns } = await own.status();
      expect(restored).toBeUndefined();
      expect(campaigns).toMatchObject([{ status: 'finished', pending: 0 }]);
      return campaigns[0];
    }, 300_000);
    await own.stop(up);
    const { second, without } = own.judge();
    await annotate(
      `${RESTARTS} restarts in mid-campaign: no alarm; ${ended?.done} done, ${ended?.unknown} unknown of ${ROWS}; ${second.length} second cards`,
      WITNESS_REPORT,
    );
    expect(own.log()).not.toContain('store.restored');
    expect(second).toEqual([]);
    expect(without.length).toBeLessThanOrEqual(ended?.unknown ?? 0);
    expect(ended?.unknown).toBeLessThanOrEqual(RESTARTS * MAX_IN_FLIGHT);
  },
);
