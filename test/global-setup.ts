/** Starts one private Redis for the whole suite. Each test uses its own key prefix. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openPrivateRedis } from '../src/kit/private-redis/private-redis.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Unix socket of the suite's Redis. */
    redisPath: string;
    /** DATA_DIR with which a process shares that Redis. */
    dataDir: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'passbridge-test-'));
  const redis = await openPrivateRedis({ dataDir, env: process.env, say: print });
  project.provide('redisPath', redis.path);
  project.provide('dataDir', dataDir);
  return async () => {
    await redis.close();
    await rm(dataDir, { recursive: true, force: true });
  };
}

function print(line: string): void {
  process.stderr.write(`${line}\n`);
}
