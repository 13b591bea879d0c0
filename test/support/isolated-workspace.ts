/** A desk whose Redis, files and log are the test's own, so that every byte of them can be looked at. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { openPrivateRedis } from '../../src/kit/private-redis/open.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { makeDashboardService } from './cli.ts';

export async function makeOwnService(options: SandboxOptions) {
  const dataDir = await mkdtemp(join(tmpdir(), 'passbridge-own-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const own = await openPrivateRedis({ dataDir, env: process.env });
  onTestFinished(() => own.close());
  const redis = new Redis(own.path);
  onTestFinished(() => redis.disconnect());
  const service = await makeDashboardService(options);
  return { ...service, redis, dataDir, prefix: service.env['QUEUE_PREFIX'] ?? '' };
}

/** Files below a folder in which one of the texts stands. */
export async function filesHolding(folder: string, texts: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.map((file) => readFile(file)));
  return files.filter((_, index) => texts.some((text) => contents[index]?.includes(text)));
}
