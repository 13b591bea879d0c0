/** deploy/systemd: the units name existing paths and settings, systemd accepts them, and stopping a unit loses no job. */

import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { request } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { settings } from '../../src/config/environment.ts';
import { findRedisServer } from '../../src/kit/private-redis/find-binary.ts';
import { type Running, makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { annotateReport, readWitnessReport } from '../support/witness-report.ts';
import { readUnits, type Unit, UNIT_FOLDER } from './units.ts';

const ROWS = 400;
const units = readUnits();
const graceMs = Number(settings.SHUTDOWN_GRACE_MS.defaultText);
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

/** Returns the arguments after `node /opt/passbridge/current/dist/main.js`. */
function commandOf(unit: Unit): string[] {
  const [node, script = '', ...args] = unit.one('Service.ExecStart').split(' ');
  expect(node).toBe('/usr/bin/node');
  expect(script).toBe('/opt/passbridge/current/dist/main.js');
  return args;
}

function unitOf(role: string): Unit {
  return units.find((unit) => commandOf(unit).includes(role))!;
}

describe('the units', () => {
  it('have one unit per role', () => {
    expect(units.map((unit) => commandOf(unit).join(' ')).toSorted()).toEqual([
      'up --role feeder',
      'up --role web',
      'up --role worker',
    ]);
  });

  it.each(units)('$file names existing files and settings', (unit) => {
    const installed = [...unit.values.values()].flat().flatMap((value) => value.match(/\/opt\/\S+/g) ?? []);
    expect(installed.length).toBeGreaterThan(0);
    for (const path of installed) expect(existsSync(path.replace('/opt/passbridge/current/', ''))).toBe(true);
    const names = Object.keys(unit.environment).filter((name) => name !== 'NODE_ENV');
    for (const name of names) expect(Object.keys(settings)).toContain(name);
  });

  it.each(units)('$file runs as its own user, restarts, and has enough time to stop', async (unit) => {
    const sysusers = await readFile(join(UNIT_FOLDER, 'sysusers.conf'), 'utf8');
    expect(sysusers).toMatch(new RegExp(`^u ${unit.one('Service.User')} - `, 'm'));
    expect(unit.one('Service.Restart')).toBe('always');
    expect(unit.one('Service.KillMode')).toBe('mixed');
    expect(Number(unit.one('Service.TimeoutStopSec')) * 1000).toBeGreaterThanOrEqual(graceMs + 10_000);
  });

  it.each(units)('$file keeps the marks of the store in a folder of its own', (unit) => {
    const { DATA_DIR: data, STORE_MARK_DIR: marks } = unit.environment;
    expect(unit.one('Service.WorkingDirectory')).toBe(data);
    // Created by systemd, because ProtectSystem=strict makes all other folders read-only.
    const created = unit.one('Service.StateDirectory').split(' ');
    expect(created.map((name) => `/var/lib/${name}`)).toEqual([data, marks]);
    // Marks within DATA_DIR would go back in time with it, and could not show that it was restored.
    expect(relative(data ?? '', marks ?? '')).toMatch(/^\.\./);
  });

  it.skipIf(!hasSystemd)('pass systemd-analyze verify and security', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'passbridge-units-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await cp(UNIT_FOLDER, folder, { recursive: true });
    const names = (await readdir(folder)).filter((name) => name.endsWith('.service'));
    for (const name of names) {
      const file = join(folder, name);
      // systemd-analyze requires the command to exist.
      const text = (await readFile(file, 'utf8')).replace('/usr/bin/node', process.execPath);
      await writeFile(file, text);
    }
    const files = names.map((name) => join(folder, name));
    const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', ...files]);
    const problems = stderr.split('\n').filter((line) => line.includes(folder));
    expect(problems).toEqual([]);
    const exposure = execFileSync('systemd-analyze', ['security', '--offline=true', ...files], {
      encoding: 'utf8',
    });
    const levels = [...exposure.matchAll(/exposure level for \S+: ([\d.]+)/g)].map(([, level]) => level);
    expect(levels).toHaveLength(files.length);
    for (const level of levels) expect(Number(level)).toBeLessThan(2);
  });
});

/** Starts web as systemd does, with the socket of its unit. */
async function startSupervisor(env: Record<string, string>) {
  const { start } = await makeWorkspace();
  const supervisor = start([resolve('dist/main.js')], env, resolve('test/support/socket-supervisor.mjs'));
  const webPid = () =>
    Number(
      supervisor
        .stdout()
        .match(/(?<=started )\d+/g)
        ?.at(-1),
    );
  onTestFinished(async () => {
    supervisor.child.kill('SIGKILL');
    await once(supervisor.child, 'exit');
    // Its child holds the pipes open.
    process.kill(webPid(), 'SIGKILL');
  });
  await printed(supervisor, /started/);
  return { supervisor, webPid };
}

describe('the socket of the web unit', () => {
  it('listens at the default of HOST and PORT, and starts with the service', async () => {
    const socket = await readFile(join(UNIT_FOLDER, 'passbridge-web.socket'), 'utf8');
    const { HOST, PORT } = settings;
    expect(socket).toMatch(new RegExp(`^ListenStream=${HOST.defaultText}:${PORT.defaultText}$`, 'm'));
    expect(unitOf('web').one('Unit.Requires')).toBe('passbridge-web.socket');
  });

  it('has no request refused while web restarts', async () => {
    const port = await freePort();
    const { supervisor, webPid } = await startSupervisor({ PORT: String(port), HOST: '127.0.0.1' });
    await printed(supervisor, /is up at/);
    const starts = () => supervisor.stdout().split('is up at').length - 1;
    const answers: string[] = [];
    const over = new AbortController();
    const poll = async () => {
      while (!over.signal.aborted) {
        const answer = await request(`http://127.0.0.1:${port}/healthz`, { reset: true }).then(
          async ({ statusCode, body }) => (await body.dump(), String(statusCode)),
          String,
        );
        answers.push(answer);
      }
    };
    const polling = [poll(), poll(), poll()];
    for (const round of [1, 2]) {
      await eventually(() => expect(answers.length).toBeGreaterThan(round * 10));
      process.kill(webPid(), 'SIGTERM');
      await eventually(() => expect(starts()).toBe(round + 1));
    }
    over.abort();
    await Promise.all(polling);
    expect(answers.filter((answer) => answer !== '200')).toEqual([]);
  });

  it('is refused if it is not at HOST and PORT', async () => {
    const { supervisor } = await startSupervisor({ PORT: String(await freePort()), HOST: '127.0.0.2' });
    const refused = /listens at 127\.0\.0\.1:\d+, and HOST and PORT name 127\.0\.0\.2/;
    await eventually(() => expect(supervisor.stderr()).toMatch(refused));
  });
});

describe('the Redis of the units', () => {
  const documented = /REDIS_URL=(\S+)/.exec(readFileSync('docs/deployment.md', 'utf8'))?.[1];

  it('is at the socket of deploy/systemd/redis.conf, whose group the user belongs to', async () => {
    const [, socket] =
      /^unixsocket (\S+)$/m.exec(await readFile(join(UNIT_FOLDER, 'redis.conf'), 'utf8')) ?? [];
    for (const unit of units) expect(unit.environment['REDIS_URL']).toBe(`unix://${socket}`);
    expect(documented).toBe(`unix://${socket}`);
    expect(await readFile(join(UNIT_FOLDER, 'sysusers.conf'), 'utf8')).toMatch(/^m passbridge redis$/m);
  });

  it('listens at the socket and at no port, whatever redis.conf says above', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'passbridge-socket-'));
    const socket = join(folder, 'redis.sock');
    const ours = await readFile(join(UNIT_FOLDER, 'redis.conf'), 'utf8');
    const included = join(folder, 'passbridge.conf');
    await writeFile(included, ours.replace('/run/redis/redis-server.sock', socket));
    const port = await freePort();
    const config = join(folder, 'redis.conf');
    await writeFile(config, `port ${port}\nappendonly no\ndir ${folder}\ninclude ${included}\n`);
    const binary = await findRedisServer({
      binary: process.env['REDIS_SERVER_BIN'],
      cacheDir: folder,
      env: process.env,
      say: () => {},
    });
    const server = spawn(binary.file, [config], { env: binary.env, stdio: 'ignore' });
    onTestFinished(async () => {
      server.kill('SIGKILL');
      await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    });
    await eventually(async () => expect((await stat(socket)).mode & 0o777).toBe(0o770));
    const { run } = await makeWorkspace();
    const env = { REDIS_URL: `unix://${socket}`, DATA_DIR: folder };
    expect(await run(['status', '--json'], env)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"campaigns":[]'),
    });
    const { stdout } = await run(['doctor'], env);
    expect(stdout).not.toMatch(/^[!✗] redis/m);
    const atPort = await run(['status'], { ...env, REDIS_URL: `redis://127.0.0.1:${port}` });
    expect(atPort).toMatchObject({ code: 2, stderr: expect.stringContaining('Redis') });
  });
});

it('stopping a worker as its unit does loses and duplicates no card', async (context) => {
  const { sandbox, env, run, start, write } = await makeWorkspace({ latencyMs: 100 });
  await write('export.csv', goodCustomers(ROWS));
  /** Starts a unit as systemd does: variables of the EnvironmentFile override those of the unit. */
  const startUnit = async (role: string): Promise<Running> => {
    const unit = unitOf(role);
    const running = start(commandOf(unit), { ...unit.environment, REDIS_URL: undefined, ...env });
    await printed(running, /is up/);
    return running;
  };
  const [worker] = await Promise.all(['worker', 'feeder', 'web'].map(startUnit));
  const issued = await run(['issue', 'loyalty', 'export.csv', '--detach']);
  expect(issued, issued.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining(': started') });
  await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(50));

  const stopped = Date.now();
  worker!.child.kill('SIGTERM');
  const { code } = await worker!.ended;
  expect(code).toBe(0);
  expect(Date.now() - stopped).toBeLessThan(Number(unitOf('worker').one('Service.TimeoutStopSec')) * 1000);
  expect(sandbox.passes.size).toBeLessThan(ROWS);
  // As `Restart=always` does, or another instance of the template.
  await startUnit('worker');

  const report = await readWitnessReport({ sandbox, rows: ROWS, run });
  await annotateReport(context, 'systemd, SIGTERM to a worker', report);
  expect(report).toMatchObject({ done: ROWS, unknown: 0, lost: [], duplicated: [] });
}, 90_000);
