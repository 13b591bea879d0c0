/** A process killed during a download leaves no file under the target path, and does not disturb the next download. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { allOf } from '../sources/all-of.ts';
import { eventually } from '../support/eventually.ts';
import { startBoth } from './export-client.ts';

const CUSTOMERS = 20_000;

function startDownload({ bloomreachUrl, credentials }: Sandbox, path: string): ChildProcess {
  const program = 'test/bloomreach/download-export.mjs';
  const child = spawn(process.execPath, [program, bloomreachUrl, path, JSON.stringify(credentials)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

it('completes a download after two earlier processes were killed in the middle', async () => {
  const { sandbox, path } = await startBoth({ exports: { customers: CUSTOMERS } });
  sandbox.faults.add({ target: 'export', fault: 'slow', times: 2 });
  for (const atLeast of [1, 200_000]) {
    const child = startDownload(sandbox, path);
    await eventually(async () => {
      const { size } = await stat(`${path}.part`);
      expect(size).toBeGreaterThan(atLeast);
      // The file left by an earlier process may already have that size.
      expect(sandbox.witness.entries().at(-1)).toMatchObject({ fault: 'slow', ms: undefined });
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readdir(dirname(path))).toEqual(['segment.part']);
    await eventually(() => expect(sandbox.witness.entries().at(-1)?.ms).toBeDefined());
  }

  const child = startDownload(sandbox, path);
  const printed = await text(child.stdout!);
  expect(JSON.parse(printed)).toEqual({ kind: 'stored', bytes: (await stat(path)).size });
  expect(await readdir(dirname(path))).toEqual(['segment']);
  const rows = await allOf((await openFile(path, { idTypes: ['registered'] })).rows());
  expect(rows.filter((row) => row.ok)).toHaveLength(CUSTOMERS);
});
