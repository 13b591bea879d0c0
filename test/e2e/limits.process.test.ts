/** `passbridge limits`, changed while two workers are running, judged by the calls that Passmachine receives. */

import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

/** At 100 ms each, they take longer than all commands need to start on a busy machine. */
const ROWS = 1500;

/** A change is in force within a second on an idle machine; the rest is for a busy one. */
const IN_FORCE_MS = 5000;

describe('passbridge limits', () => {
  it('applies to every running process, survives restarts, and loses no row', async () => {
    const { sandbox, run, start, write } = await makeWorkspace({ latencyMs: 100 });
    const { witness } = sandbox;
    const creates = () => witness.entries().filter(({ kind }) => kind === 'create');
    /** Lowers the limit; returns for how long after the command (ms) calls above it still started. */
    const lower = async (cap: number) => {
      expect((await run(['limits', '--in-flight', String(cap)])).code).toBe(0);
      const at = witness.now();
      const before = creates().length;
      await eventually(() => expect(creates().length - before).toBeGreaterThan(cap * 15));
      const above = creates().filter((call) => call.at > at && call.inFlight > cap);
      return (above.at(-1)?.at ?? at) - at;
    };
    /** Raises the limit; returns how long after the command (ms) that many calls were in flight. */
    const raise = async (args: readonly string[], cap: number) => {
      const from = witness.now();
      expect((await run(['limits', ...args])).code).toBe(0);
      const at = witness.now();
      const reached = await eventually(() => {
        const call = creates().find((entry) => entry.at > from && entry.inFlight === cap);
        if (call === undefined) throw new Error(`never ${cap} in flight`);
        return call.at;
      });
      return Math.max(0, reached - at);
    };

    await write('export.csv', goodCustomers(ROWS));
    const workers = [start(['up', '--role', 'worker']), start(['up', '--role', 'worker'])];
    await Promise.all(workers.map((worker) => printed(worker, /is up/)));
    start(['up', '--role', 'feeder']);
    await run(['issue', 'loyalty', 'export.csv', '--detach']);
    await eventually(() => expect(witness.maxInFlight()).toBe(10));

    expect(await lower(3)).toBeLessThan(IN_FORCE_MS);
    // A worker that starts now keeps the limit that was set.
    const restartedAt = witness.now();
    workers[0]?.child.kill('SIGTERM');
    await workers[0]?.ended;
    await printed(start(['up', '--role', 'worker']), /is up/);
    const before = creates().length;
    await eventually(() => expect(creates().length - before).toBeGreaterThan(30));
    const since = creates().filter(({ at }) => at > restartedAt);
    expect(Math.max(...since.map(({ inFlight }) => inFlight))).toBe(3);

    expect(await raise(['--in-flight', '8'], 8)).toBeLessThan(IN_FORCE_MS);
    expect(await raise(['--reset'], 10)).toBeLessThan(IN_FORCE_MS);
    sandbox.setLatency({ latencyMs: 2 });
    await eventually(() => expect(sandbox.passes.size).toBe(ROWS));
    expect(witness.maxInFlight('all')).toBe(10);
    expect(creates()).toHaveLength(ROWS);
    expect(witness.doubles()).toEqual([]);
  });

  it.each([
    ['a unix time', Math.floor(systemClock() / 1000) + 1_800, 1_800],
    ['a unix time in the year 2286', 9_999_999_999, 3_600],
  ])(
    'opens a gate that a Retry-After of %s has closed for an hour at most',
    async (_name, retryAfter, seconds) => {
      const { sandbox, run, start, write } = await makeWorkspace();
      sandbox.faults.add({ target: 'create', fault: { status: 429, retryAfter }, times: 1 });
      await write('export.csv', goodCustomers(5));
      const campaign = start(['issue', 'loyalty', 'export.csv', '--yes']);
      // No bar is drawn without a terminal, so the reason is printed.
      await eventually(() =>
        expect(campaign.stderr()).toMatch(/Waiting: Passmachine asked for a pause \(429\)/),
      );
      const gateMs = async (...flags: string[]): Promise<number> =>
        JSON.parse((await run(['limits', '--json', ...flags])).stdout).gateMs;
      const closedMs = await gateMs();
      expect(closedMs).toBeGreaterThan((seconds - 300) * 1000);
      expect(closedMs).toBeLessThanOrEqual(seconds * 1000);
      const { stdout } = await run(['status', '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ waits: [{ cause: 'rate-limited' }] });
      expect((await run(['doctor'])).stdout).toMatch(/calls to Passmachine pause .+\n?.*--open-gate/);

      expect(await gateMs('--open-gate', '--reason', 'agreed by phone')).toBe(0);
      expect(await campaign.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/done +5/) });
      expect(sandbox.passes.size).toBe(5);
      expect((await run(['audit'])).stdout).toMatch(/agreed by phone/);
    },
  );

  it('does not pause for a Retry-After of 10^12, which is a unix time in milliseconds, in the past', async () => {
    const { sandbox, run, write } = await makeWorkspace();
    sandbox.faults.add({ target: 'create', fault: { status: 429, retryAfter: 1e12 }, times: 1 });
    await write('export.csv', goodCustomers(5));
    expect((await run(['issue', 'loyalty', 'export.csv', '--yes'])).code).toBe(0);
    expect(sandbox.passes.size).toBe(5);
    expect(JSON.parse((await run(['limits', '--json'])).stdout)).toMatchObject({ gateMs: 0 });
  });

  it('names a pause of write-backs as status and doctor do, and ends it on request', async () => {
    const { sandbox, run, start, write } = await makeWorkspace({
      faults: [{ target: 'batch', fault: { status: 429, retryAfter: 1800 }, times: 1 }],
    });
    await write('export.csv', goodCustomers(1));
    await printed(start(['up']), /is up/);
    await run(['issue', 'loyalty', 'export.csv', '--detach']);
    const { waits } = await eventually(async () => {
      const parsed = JSON.parse((await run(['status', '--json'])).stdout) as { waits: object[] };
      expect(parsed.waits).toHaveLength(1);
      return parsed;
    });
    const pause = /Bloomreach does not accept results \(BR_RATE_LIMITED.*\); the next try is in \d+ min/;
    expect(waits).toMatchObject([
      { cause: 'bloomreach-down', text: expect.stringMatching(pause), remedy: expect.any(String) },
    ]);
    for (const command of ['status', 'doctor', 'limits']) {
      expect((await run([command])).stdout, command).toMatch(pause);
    }
    const saved = () => sandbox.customers.properties('registered:c-1')?.['passmachine_pass_id'];
    expect(saved()).toBeUndefined();
    expect((await run(['limits', '--open-gate'])).stdout).not.toMatch(pause);
    await eventually(() => expect(saved()).toBeDefined());
  });

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
});
