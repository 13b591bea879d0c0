/** `passbridge demo`, which new users run first. */

import { execFileSync } from 'node:child_process';
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
    expect(stdout).toMatch(/^This demo runs a campaign against a sandbox.+\n.*own record of every call/);
    const count = (name: string) => Number(new RegExp(`^[ =] ${name} +(\\d+)`, 'm').exec(stdout)?.[1]);
    const states = ['done', 'skipped', 'rejected', 'failed', 'unknown', 'stopped', 'pending'].map(count);
    expect(states).toEqual([293, 4, 3, 0, 0, 0, 0]);
    expect(count('rows')).toBe(300);
    for (const cause of ['ROW_ID_MISSING', 'ROW_FIELD_MISSING', 'PM_REFUSED'])
      expect(stdout).toContain(`1 × ${cause}`);
    expect(stdout).toContain(
      '293 cards made, 293 of them saved to their customers, and at most 10 calls at once. No customer has two.',
    );
  });

  it('prints hints that work as printed, while it runs and after it, until the next demo', async () => {
    const { start, folder } = await makeWorkspace();
    const demo = start(['demo']);
    await printed(demo, /Ctrl-C stops it/);
    const hints = [...demo.stdout().matchAll(/\(cd .+\)$/gm)].map(([hint]) => hint);
    expect(hints.map((hint) => /(\w+)(?: loyalty-\S+)?\)$/.exec(hint)?.[1])).toEqual([
      'results',
      'status',
      'failures',
    ]);
    const { PATH, HOME } = process.env;
    /** In a shell of its own, which has none of the settings of this test. */
    const typed = (command: string) =>
      execFileSync('sh', ['-c', command], { cwd: folder, env: { PATH, HOME }, encoding: 'utf8' });
    const tryAll = () => {
      const [results = '', status = '', failures = ''] = hints.map(typed);
      expect(results).toContain('PM_REFUSED');
      expect(status).toMatch(/^loyalty-issue-.+: finished\n {2}done +293/);
      expect(failures).toContain('1 × PM_REFUSED');
    };
    tryAll();
    const second = await start(['demo', '--once']).ended;
    expect([second.code, second.stderr]).toEqual([
      2,
      expect.stringMatching(/Another demo is running in .+demo/),
    ]);
    demo.child.kill('SIGINT');
    expect((await demo.ended).code).toBe(0);
    tryAll();
    const [, id = ''] = /^(loyalty-issue-\S+): finished/m.exec(demo.stdout()) ?? [];
    expect((await start(['demo', '--once']).ended).stdout).toContain('done           293');
    expect(typed(hints[1] ?? '')).not.toContain(id);
  }, 240_000);

  it('ends with 130 if it is interrupted before the campaign has finished', async () => {
    const { start } = await makeWorkspace();
    const demo = start(['demo']);
    await printed(demo, /Issuing cards for/);
    demo.child.kill('SIGINT');
    const { code, stdout } = await demo.ended;
    expect([code, stdout]).toEqual([
      130,
      expect.stringContaining('The next demo starts from the beginning.'),
    ]);
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
    expect((await demo.ended).code).toBe(0);
  });
});
