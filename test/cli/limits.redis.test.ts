/** `passbridge limits`: what it prints, refuses and stores. */

import { describe, expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';

describe('passbridge limits', () => {
  it('prints the limits as text and as JSON', async () => {
    const { run } = await makeWorkspace();
    expect((await run(['limits'])).stdout).toMatch(
      /in flight +10 +as configured\nper second +no limit +as conf/,
    );
    const set = await run(['limits', '--in-flight', '3', '--per-second', '50']);
    expect(set.stdout).toMatch(
      /in flight +3 +set by an operator; configured: 10\nper second +50 +set by an operator; configured: no limit/,
    );
    expect(JSON.parse((await run(['limits', '--json'])).stdout)).toEqual({
      inFlight: { limit: 3, configured: 10, overridden: true },
      perSecond: { limit: 50, configured: null, overridden: true },
      gateMs: 0,
      writeBackPauseMs: 0,
    });
    expect((await run(['limits', '--reset'])).stdout).toMatch(/in flight +10 +as configured/);
  });

  it('refuses impossible limits, names the allowed range, and changes nothing', async () => {
    const { run } = await makeWorkspace();
    const env = { PASSMACHINE_MAX_PER_SECOND: '50' };
    const refused: [string[], RegExp][] = [
      [['--in-flight', '20'], /20 in flight .+ between 1 and PASSMACHINE_MAX_IN_FLIGHT, which is 10/],
      [['--in-flight', '0'], /0 in flight .+ between 1 and/],
      [['--in-flight', 'ten'], /--in-flight.+not a whole number/],
      [
        ['--in-flight', '3', '--per-second', '60'],
        /60 per second .+ PASSMACHINE_MAX_PER_SECOND, which is 50/,
      ],
      [['--reset', '--in-flight', '3'], /--reset.+cannot be used with.+--in-flight/],
    ];
    await Promise.all(
      refused.map(async ([args, message]) => {
        const { code, stderr } = await run(['limits', ...args], env);
        expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
      }),
    );
    expect((await run(['limits'], env)).stdout).toMatch(/10 +as configured\n.+50 +as configured/);
  });

  it('does not pause for a Retry-After of 10^12, which is a unix time in milliseconds, in the past', async () => {
    const { sandbox, run, write } = await makeWorkspace();
    sandbox.faults.add({ target: 'create', fault: { status: 429, retryAfter: 1e12 }, times: 1 });
    await write('export.csv', goodCustomers(5));
    expect((await run(['issue', 'loyalty', 'export.csv', '--yes'])).code).toBe(0);
    expect(sandbox.passes.size).toBe(5);
    expect(JSON.parse((await run(['limits', '--json'])).stdout)).toMatchObject({ gateMs: 0 });
  });
});
