/** A workspace with its own Redis, files and log, so that a test can search every byte of them. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { openPrivateRedis } from '../../src/kit/private-redis/private-redis.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { makeWorkspace } from './cli.ts';

export async function makeIsolatedWorkspace(options: SandboxOptions) {
  const dataDir = await mkdtemp(join(tmpdir(), 'passbridge-own-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const own = await openPrivateRedis({ dataDir, env: process.env });
  onTestFinished(() => own.close());
  const redis = new Redis(own.path);
  onTestFinished(() => redis.disconnect());
  const workspace = await makeWorkspace(options);
  return { ...workspace, redis, dataDir, prefix: workspace.env['QUEUE_PREFIX'] ?? '' };
}

/** Returns the files below a folder that contain one of the texts. */
export async function filesContaining(folder: string, texts: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.map((file) => readFile(file)));
  return files.filter((_, index) => texts.some((text) => contents[index]?.includes(text)));
}
