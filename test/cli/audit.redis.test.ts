/** `passbridge audit` after a campaign was started, paused and resumed, and after an entry was tampered with. */

import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeWorkspace } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { openRedis } from '../support/redis.ts';

const me = userInfo().username;

describe('the audit', () => {
  it('lists who changed a campaign, when and why, and detects tampering', async () => {
    const workspace = await makeWorkspace();
    await workspace.write('export.csv', goodCustomers(20));
    const run = (...args: string[]) => workspace.run(args);
    expect(await run('audit')).toMatchObject({ code: 0, stdout: 'No audit entries match.\n' });
    expect(await run('audit', 'verify')).toMatchObject({ code: 0, stdout: 'No entries yet.\n' });

    const { stdout } = await run('issue', 'loyalty', 'export.csv', '--detach', '--pause-at', '5%');
    const id = /(\S+): started/.exec(stdout)?.[1] ?? 'none';
    expect((await run('pause', id, '--reason', 'a wrong price\n9  looks like an entry')).code).toBe(0);
    expect((await run('resume', id, '--detach', '--reason', 'price fixed')).code).toBe(0);
    expect((await run('limits', '--in-flight', '3', '--reason', 'slow upstream')).code).toBe(0);

    const entry = (n: number, action: string) =>
      `${n}  \\S+Z  ${action}  ${id}  by ${me} \\(command line\\)\\n`;
    const listed = await run('audit', '--target', id);
    expect(listed.code).toBe(0);
    expect(listed.stdout).toMatch(
      new RegExp(
        [
          `^${entry(3, 'campaign.resume')} {5}price fixed\\n {5}status: paused → running\\n`,
          `${entry(2, 'campaign.pause')} {5}a wrong price 9 {2}looks like an entry\\n {5}status: running → paused\\n`,
          `${entry(1, 'campaign.start')} {5}action: issue\\n {5}guards: {"pauseAt":0.05}\\n`,
          ` {5}program: loyalty\\n {5}rows: 20\\n {5}source: \\S+/export.csv\\n$`,
        ].join(''),
      ),
    );
    const newest = JSON.parse((await run('audit', '--json', '--limit', '1', '--by', me)).stdout) as unknown;
    expect(newest).toEqual({
      entries: [
        expect.objectContaining({
          n: 4,
          by: me,
          via: 'command line',
          action: 'limits.set',
          reason: 'slow upstream',
          before: { inFlight: 10, perSecond: null },
          after: { inFlight: 3, perSecond: null },
        }),
      ],
    });
    expect((await run('audit', '--by', 'stranger')).stdout).toBe('No audit entries match.\n');

    const whole = await run('audit', 'verify');
    expect([whole.code, whole.stdout]).toEqual([
      0,
      expect.stringMatching(/^4 entries, unbroken\. Head: [0-9a-f]{64}\n$/),
    ]);
    const head = whole.stdout.trim().split(' ').at(-1) ?? '';
    expect((await run('audit', 'verify', '--expect', head)).code).toBe(0);
    expect(await run('audit', 'verify', '--expect', 'f'.repeat(64))).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('no entry has the hash ffff') as string,
    });
    expect(await run('audit', 'verify', '--expect', 'ab12')).toMatchObject({ code: 2 });

    const redis = openRedis();
    const key = makeLedgerKeys(workspace.env['QUEUE_PREFIX'] ?? '').audit;
    const pause = (await redis.lindex(key, 1)) ?? '';
    await redis.lset(key, 1, pause.replace(me, 'another-user'));
    expect(await run('audit', 'verify')).toMatchObject({
      code: 1,
      stdout: 'The audit is broken at entry 2: it was changed, or entry 1 was.\n',
    });
  });
});
