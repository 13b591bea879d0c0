/** A process that runs with other settings than its .env says so, without a value, to doctor and to the dashboard. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { SettingsStatus } from '../../src/domain/monitoring/heartbeat.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeHeartbeatLedger } from '../../src/ledger/monitoring/heartbeats.ts';
import { makeWorkspace, printed } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { openRedis } from '../support/redis.ts';

it('doctor names the process and the settings that changed after its start', async () => {
  const { start, run, write, folder, env } = await makeWorkspace();
  await write('.env', 'CONFIRM_ABOVE=100\n');
  const worker = start(['up', '--role', 'worker']);
  await printed(worker, /is up/);
  const heartbeats = makeHeartbeatLedger(openRedis(), makeLedgerKeys(env['QUEUE_PREFIX'] ?? ''));
  const reported = (): Promise<SettingsStatus> =>
    eventually(async () => (await heartbeats.alive())[0]!.settings!);
  expect(await reported()).toEqual({ digest: expect.any(String) });
  const findings = async () => (await run(['doctor'])).stdout;
  expect(await findings()).toMatch(/✓ process-settings +1 running process has the settings of this command/);

  await write('.env', 'CONFIRM_ABOVE=200\nWEBHOOK_TOKEN=planted-token-that-is-secret\n');
  await eventually(async () =>
    expect((await reported()).changed?.names.toSorted()).toEqual(['CONFIRM_ABOVE', 'WEBHOOK_TOKEN']),
  );
  const found = await findings();
  expect(found).toMatch(
    /! process-settings +process \d+ on .* \(worker\) does not have the settings of its \.env/,
  );
  expect(found).toContain('CONFIRM_ABOVE, WEBHOOK_TOKEN changed');
  expect(JSON.stringify(await heartbeats.alive())).not.toContain('planted');

  await rm(join(folder, '.env'));
  await write('.env', 'CONFIRM_ABOVE=100\n');
  await eventually(async () => expect((await reported()).changed).toBeUndefined());
  // The environment of this command, which the process cannot see.
  const other = await run(['doctor'], { CONFIRM_ABOVE: '300' });
  expect(other.stdout).toMatch(
    /! process-settings +process \d+ on .* \(worker\) has other settings than this command/,
  );
});
