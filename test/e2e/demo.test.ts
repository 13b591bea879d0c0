/** The first thing that a newcomer runs. */

import { describe, expect, it } from 'vitest';
import { makeDashboardService, printed } from '../support/cli.ts';

describe('passbridge demo', () => {
  it('ends with a summary that adds up to the rows, and explains what did not end well', async () => {
    const { run } = await makeDashboardService();
    // A private Redis of its own, whatever else is configured here.
    const { code, stdout } = await run(['demo', '--once']);
    expect(code).toBe(1);
    const count = (name: string) => Number(new RegExp(`^[ =] ${name} +(\\d+)`, 'm').exec(stdout)?.[1]);
    const states = ['done', 'skipped', 'rejected', 'failed', 'unknown', 'stopped', 'pending'].map(count);
    expect(states).toEqual([293, 4, 3, 0, 0, 0, 0]);
    expect(count('rows')).toBe(300);
    for (const cause of ['ROW_ID_MISSING', 'ROW_FIELD_MISSING', 'PM_REFUSED'])
      expect(stdout).toContain(`1 × ${cause}`);
    expect(stdout).toContain('293 cards made, 293 of them saved to their customers, 10 calls at once');
  });

  it('stays up until it is interrupted', async () => {
    const { start } = await makeDashboardService();
    const demo = start(['demo']);
    const [, url] = await printed(demo, /Still up: (\S+)/);
    expect(await (await fetch(url ?? '')).text()).toContain('finished');
    demo.child.kill('SIGINT');
    expect((await demo.ended).code).toBe(1);
  });
});
