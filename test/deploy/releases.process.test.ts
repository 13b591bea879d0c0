/**
 * The commands of docs/deployment.md about releases, as printed: installing one, an upgrade, a rollback and the removal
 * of an old one during a campaign. The full size: UPGRADE_ROWS=3000.
 */

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { appendFile, copyFile, mkdir, readlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { shellBlocksBelow } from '../support/documented.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startPm2 } from '../support/pm2.ts';
import { checksumLine, packRelease, repackAs } from '../support/release.ts';
import { annotateReport, readWitnessReport } from '../support/witness-report.ts';

const ROWS = Number(process.env['UPGRADE_ROWS'] ?? 600);
/** Slow calls, so that the campaign lasts longer than all reloads, on a busy machine, too. */
const LATENCY_MS = 3000;

const execute = promisify(execFile);

const work = mkdtempSync(join(tmpdir(), 'passbridge-releases-'));
const tarballs: string[] = [];
beforeAll(async () => {
  const packed = await packRelease(work);
  for (const version of ['1.0.0', '1.1.0']) tarballs.push(repackAs(version, packed, work));
}, 300_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface StatusJson {
  processes: { roles: string[]; version: string; quiet: boolean }[];
}

/** An empty machine: its `/opt/passbridge` and `/usr/local/bin` are folders of the test. */
async function makeMachine() {
  const workspace = await makeWorkspace({ latencyMs: LATENCY_MS });
  const base = join(workspace.folder, 'opt', 'passbridge');
  const bin = join(workspace.folder, 'bin');
  await mkdir(bin);
  await mkdir(base, { recursive: true });
  const { list, ...pm2 } = await startPm2(base);
  await writeFile(join(bin, 'pm2'), `#!/bin/sh\nexec '${process.execPath}' '${pm2.bin}' "$@"\n`, {
    mode: 0o755,
  });
  const env = { ...pm2.env, PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter) };

  const here = (commands: string) =>
    commands.replaceAll('/opt/passbridge', base).replaceAll('/usr/local/bin', bin);
  /** Runs commands in a shell in `/opt/passbridge`. Rejects if one fails; returns what they print. */
  const shell = async (commands: string) =>
    (await execute('sh', ['-e', '-c', here(commands)], { cwd: base, env })).stdout;
  return { ...workspace, base, bin, list, shell };
}

/** Repeats a check until the returned function is called, which returns the number of checks and all failures. */
function repeat(check: () => Promise<void>) {
  const failures: string[] = [];
  let checks = 0;
  const stop = new AbortController();
  const running = (async () => {
    for (; !stop.signal.aborted; checks += 1)
      await check().catch((error: unknown) => void failures.push(String(error)));
  })();
  return async () => {
    stop.abort();
    await running;
    return { checks, failures };
  };
}

/** Requests a path on a connection of its own; rejects unless the answer is 200 with a body. */
async function get(url: string): Promise<string> {
  const { statusCode, body } = await request(url, { reset: true });
  const text = await body.text();
  if (statusCode !== 200 || text === '') throw new Error(`${url}: ${statusCode}`);
  return text;
}

const [prepare = '', unpack = '', link = '', remove = ''] = shellBlocksBelow(
  'docs/deployment.md',
  'Releases',
);
const [copySettings = '', start = '', reload = ''] = shellBlocksBelow('docs/deployment.md', 'PM2');

it('an upgrade, a rollback and a clean-up fail no request and no command, and lose no job', async (context) => {
  const { base, bin, env, sandbox, list, shell, write, folder } = await makeMachine();
  await shell(prepare);
  const sums = tarballs.map(checksumLine);
  for (const tarball of tarballs) await copyFile(tarball, join(base, basename(tarball)));
  await writeFile(join(base, 'SHA256SUMS'), sums.join(''));
  await shell(unpack);
  expect(await readlink(join(base, 'current'))).toBe('releases/1.0.0');
  await shell(copySettings);
  const port = await freePort();
  const { PATH: _path, HOME: _home, PROGRAMS_FILE: _programs, ...given } = env;
  const settings = { ...given, DATA_DIR: './data', PORT: String(port) };
  const lines = Object.entries(settings).map(([name, value]) => `${name}="${value}"\n`);
  await appendFile(join(base, '.env'), lines.join(''));
  await shell(start);

  await write('export.csv', goodCustomers(ROWS));
  await shell(`passbridge issue loyalty ${folder}/export.csv --detach --yes`);
  const made = () => sandbox.passes.size;
  /** Waits for calls of the processes that run now. */
  const moreCards = async () => {
    const before = made();
    await eventually(() => expect(made()).toBeGreaterThan(Math.min(before + 10, ROWS - 1)), 120_000);
  };
  const running = async () => (JSON.parse(await shell('passbridge status --json')) as StatusJson).processes;
  const versions = async () => {
    const processes = await running();
    expect(new Set(processes.flatMap(({ roles }) => roles))).toEqual(new Set(['web', 'worker', 'feeder']));
    return [...new Set(processes.map(({ version }) => version))];
  };
  await moreCards();
  expect(await versions()).toEqual(['1.0.0']);

  const url = `http://127.0.0.1:${port}`;
  const assets = [...(await get(`${url}/sign-in`)).matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(
    ([, path = '']) => path,
  );
  expect(assets.length).toBeGreaterThan(3);
  const stopRequests = repeat(async () => {
    for (const path of ['/healthz', ...assets]) await get(url + path);
  });
  const commands = ['--version', 'status --json', 'failures', 'doctor --help'];
  let called = 0;
  const stopCommands = repeat(async () => {
    await shell(`passbridge ${commands[(called += 1) % commands.length]}`);
  });

  await shell(unpack.replace('VERSION=1.0.0', 'VERSION=1.1.0'));
  // The processes still run the old release, and load the rest of their modules and files from it.
  await moreCards();
  expect(await versions()).toEqual(['1.0.0']);
  expect(await shell('passbridge --version')).toBe('1.1.0\n');
  await shell(reload);
  await moreCards();
  expect(await versions()).toEqual(['1.1.0']);
  expect(made()).toBeLessThan(ROWS);

  // Workers that are quiet first have no calls in flight when they are stopped.
  await shell('pm2 sendSignal SIGTSTP passbridge-worker');
  await eventually(async () => {
    const workers = (await running()).filter(({ roles }) => roles.includes('worker'));
    expect(workers.map(({ quiet }) => quiet)).toEqual([true, true]);
  });
  await shell(link);
  await shell(reload);
  await moreCards();
  expect(await versions()).toEqual(['1.0.0']);
  expect((await running()).map(({ quiet }) => quiet)).not.toContain(true);

  await shell(link.replace('1.0.0', '1.1.0'));
  await shell(reload);
  expect(await shell(remove)).not.toMatch(/1\.0\.0 /);
  expect(existsSync(join(base, 'releases', '1.0.0'))).toBe(false);
  await moreCards();
  const [requests, calls] = await Promise.all([stopRequests(), stopCommands()]);

  sandbox.setLatency({ latencyMs: 20 });
  await eventually(() => expect(made()).toBe(ROWS), 300_000);
  const run = async (args: readonly string[]) => ({
    code: 0,
    stdout: await shell(`passbridge ${args.join(' ')}`),
    stderr: '',
  });
  const report = await readWitnessReport({ sandbox, rows: ROWS, run });
  const good = ({ checks, failures }: typeof calls) => `${checks - failures.length} of ${checks}`;
  const suffix = `, ${good(requests)} rounds of ${assets.length + 1} requests and ${good(calls)} commands good meanwhile`;
  await annotateReport(context, 'Upgrade, rollback and clean-up under PM2', report, suffix);
  expect(report).toMatchObject({ done: ROWS, unknown: 0, lost: [], duplicated: [], maxInFlight: 10 });
  expect([requests.failures, calls.failures]).toEqual([[], []]);
  expect(requests.checks).toBeGreaterThan(10);
  expect(calls.checks).toBeGreaterThan(10);
  expect((await list()).every(({ pm2_env }) => pm2_env.status === 'online')).toBe(true);
  expect(existsSync(join(bin, 'passbridge'))).toBe(true);
}, 900_000);
