/** Commands load what does their work only when they run: loading all of it takes half a second. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

/** Returns the loaded files, from the coverage report that V8 writes when the process ends. */
function loadedBy(...args: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-coverage-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = { ...process.env, NODE_V8_COVERAGE: folder };
  execFileSync(process.execPath, [resolve('dist/main.js'), ...args], { env });
  return readdirSync(folder).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: { url: string }[] };
    return result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
  });
}

it('prints --help without loading the queue, Redis, HTTP or validation', () => {
  const loaded = loadedBy('--help');
  const heavy = loaded.filter((url) =>
    /\/node_modules\/(bullmq|ioredis|undici|zod|fastify|prom-client)\//.test(url),
  );
  expect(heavy).toEqual([]);
  // If commands imported their work statically: 1,247 files.
  expect(loaded.length).toBeLessThan(120);
  expect(loaded.some((url) => url.endsWith('/dist/cli/command-line.js'))).toBe(true);
});
