/** `passbridge limits`, changed while two workers are running, judged by the calls that Passmachine receives. */

import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { liveness } from '../../src/queue/names.ts';
import { makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

/** At 100 ms each, they take longer than all commands need to start on a busy machine. */
const ROWS = 1500;

/** Less than the leases of permits: a change must not wait for them. It is in force within a second on an idle machine. */
const IN_FORCE_MS = liveness.lockDuration - 1000;

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
});
