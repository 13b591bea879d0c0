/** `passbridge demo`, which new users run first. */

import { describe, expect, it } from 'vitest';
import { makeWorkspace, printed } from '../support/cli.ts';
import { printedDashboard } from '../support/dashboard.ts';
import { makeBrowser } from '../web/auth/browser.ts';

describe('passbridge demo', () => {
  it('prints a summary that adds up to the rows, and explains the failures', async () => {
    const { run } = await makeWorkspace();
    // Uses its own private Redis, regardless of the configuration here.
    const { code, stdout } = await run(['demo', '--once']);
    expect(code).toBe(1);
    const count = (name: string) => Number(new RegExp(`^[ =] ${name} +(\\d+)`, 'm').exec(stdout)?.[1]);
    const states = ['done', 'skipped', 'rejected', 'failed', 'unknown', 'stopped', 'pending'].map(count);
    expect(states).toEqual([293, 4, 3, 0, 0, 0, 0]);
    expect(count('rows')).toBe(300);
    for (const cause of ['ROW_ID_MISSING', 'ROW_FIELD_MISSING', 'PM_REFUSED'])
      expect(stdout).toContain(`1 × ${cause}`);
    expect(stdout).toContain(
      '293 cards made, 293 of them saved to their customers, and at most 10 calls at once',
    );
  });

  it('keeps the dashboard up until it is interrupted', async () => {
    const { start } = await makeWorkspace();
    const demo = start(['demo']);
    await printed(demo, /Ctrl-C stops it/);
    const { url: origin, address, bearer } = await printedDashboard(demo);
    expect((await fetch(origin, { redirect: 'manual' })).status).toBe(303);
    expect(await (await fetch(origin, { headers: bearer })).text()).toContain('finished');
    const browser = makeBrowser(origin);
    await browser.send(address.slice(origin.length));
    expect((await browser.send('/')).text).toContain('finished');
    demo.child.kill('SIGINT');
    expect((await demo.ended).code).toBe(1);
  });
});
