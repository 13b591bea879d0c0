/**
 * How long an export takes and that its size costs no memory: a process fetches generated customers
 * from a sandbox into a file, in each format, and the file is counted. Linux only (reads /proc).
 *
 *     npm run bench:export -- --rows 1000000
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeExportClient } from '../dist/bloomreach/export.js';
import { startSandbox } from '../dist/sandbox/server.js';
import { openFile } from '../dist/sources/open-file.js';

const MB = 1024 * 1024;
/** What a process that only fetches may grow to. */
const MEMORY_LIMIT = 160 * MB;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    /** Set in the process that fetches. */
    fetch: { type: 'string' },
  },
});
if (values.fetch === undefined) await bench(Number(values.rows));
else await fetchExport(JSON.parse(values.fetch));

async function bench(rows) {
  if (!Number.isInteger(rows) || rows < 1) throw new Error('--rows is a whole number');
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-bench-'));
  try {
    for (const size of new Set([10_000, rows])) {
      const sandbox = await startSandbox({ exports: { customers: size } });
      for (const format of ['csv', 'native_json'])
        await measure(sandbox, join(folder, 'export'), format, size);
      await sandbox.close();
    }
    print(`the sandbox, which made them up: ${(peakBytes() / MB).toFixed(0)} MB`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure({ bloomreachUrl: baseUrl, credentials }, path, format, rows) {
  const order = JSON.stringify({ baseUrl, credentials, path, format });
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--fetch', order], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { result, seconds, peak } = JSON.parse(await text(child.stdout));
  const found = result.kind === 'stored' ? await countRows(path) : 0;
  print(
    `${rows} customers as ${format}: ${seconds.toFixed(1)} s, ${(result.bytes / MB).toFixed(0)} MB; ` +
      `process ${(peak / MB).toFixed(0)} MB of ${MEMORY_LIMIT / MB} MB`,
  );
  if (found !== rows) fail(`${found} rows of ${rows} arrived: ${JSON.stringify(result)}`);
  if (peak > MEMORY_LIMIT) fail('TOO MUCH MEMORY');
}

async function fetchExport({ baseUrl, credentials, path, format }) {
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
  print(JSON.stringify({ result, seconds, peak: peakBytes() }));
}

/** The most that was ever resident, by the kernel's own account. */
function peakBytes() {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
}

async function countRows(path) {
  const file = await openFile(path, { idTypes: ['registered'] });
  let rows = 0;
  for await (const chunk of file.rows()) rows += chunk.filter(({ ok }) => ok).length;
  return rows;
}

function fail(what) {
  print(what);
  process.exitCode = 1;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
