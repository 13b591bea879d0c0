/**
 * Measures the duration of an export and checks that memory does not grow with its size: a process downloads generated
 * customers from a sandbox into a file, in each format, and the rows of the file are counted. Linux only (reads /proc).
 *
 *     npm run bench -- export --rows 1000000
 */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { makeExportClient } from '../../dist/bloomreach/export.js';
import { startSandbox } from '../../dist/sandbox/server.js';
import { openFile } from '../../dist/sources/open-file.js';
import { makeTemporaryFolder } from './cleanup.mjs';
import { wholeNumber } from './commands.mjs';
import { peakBytesOf } from './proc.mjs';

const MB = 1024 * 1024;
/** Memory limit of a process that only downloads. */
const MEMORY_LIMIT = 160 * MB;

// This file is also the process that downloads: `node export.mjs {download parameters as JSON}`.
if (process.argv[1] === fileURLToPath(import.meta.url)) await download(JSON.parse(process.argv[2] ?? ''));

/** Measures exports of 10,000 customers and of `--rows`. */
export async function run(values) {
  const rows = wholeNumber('--rows', values.rows, 1);
  const { path: folder, remove } = await makeTemporaryFolder();
  try {
    for (const size of new Set([10_000, rows])) {
      const sandbox = await startSandbox({ exports: { customers: size } });
      for (const format of ['csv', 'native_json'])
        await measure(sandbox, join(folder, 'export'), format, size);
      await sandbox.close();
    }
    print(`the sandbox, which generated the customers: ${(peakBytesOf([process.pid]) / MB).toFixed(0)} MB`);
  } finally {
    await remove();
  }
}

async function measure({ bloomreachUrl: baseUrl, credentials }, path, format, rows) {
  const parameters = JSON.stringify({ baseUrl, credentials, path, format });
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { result, seconds, peak } = JSON.parse(await text(child.stdout));
  const count = result.kind === 'stored' ? await countRows(path) : 0;
  print(
    `${rows} customers as ${format}: ${seconds.toFixed(1)} s, ${(result.bytes / MB).toFixed(0)} MB; ` +
      `process ${(peak / MB).toFixed(0)} MB of ${MEMORY_LIMIT / MB} MB`,
  );
  if (count !== rows) fail(`${count} rows of ${rows} arrived: ${JSON.stringify(result)}`);
  if (peak > MEMORY_LIMIT) fail('TOO MUCH MEMORY');
}

async function download({ baseUrl, credentials, path, format }) {
  const client = makeExportClient({
    baseUrl,
    ...credentials,
    stallMs: 60_000,
    delaysMs: [],
    clock: Date.now,
    random: Math.random,
  });
  const startedAt = performance.now();
  const result = await client.download(
    {
      ids: ['registered'],
      attributes: ['first_name', 'last_name', 'email', 'id', 'loyalty_points', 'note', 'passmachine_pass_id'],
      segmentation: undefined,
      executionTime: Math.floor(Date.now() / 1000),
      timeZone: 'Europe/Prague',
      format,
    },
    path,
  );
  const seconds = (performance.now() - startedAt) / 1000;
  await client.close();
  print(JSON.stringify({ result, seconds, peak: peakBytesOf([process.pid]) }));
}

async function countRows(path) {
  const file = await openFile(path, { idTypes: ['registered'] });
  let rows = 0;
  for await (const chunk of file.rows()) rows += chunk.filter(({ ok }) => ok).length;
  return rows;
}

function fail(message) {
  print(message);
  process.exitCode = 1;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
