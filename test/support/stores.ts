/** All stores on the suite's Redis, without running processes. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStores } from '../../src/services/stores.ts';
import { loadConfig } from '../../src/config/load.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { sharedDataDir, testPrefix } from './redis.ts';

export async function openTestStores(env: Record<string, string> = {}) {
  const cwd = await mkdtemp(join(tmpdir(), 'passbridge-stores-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  const config = loadConfig({
    env: { DATA_DIR: sharedDataDir(), QUEUE_PREFIX: testPrefix(), ...env },
    cwd,
  });
  const stores = await openStores(config, { env: process.env, say: () => {} });
  onTestFinished(() => stores.close());
  return { config, stores, cwd, keys: makeLedgerKeys(stores.prefix) };
}
