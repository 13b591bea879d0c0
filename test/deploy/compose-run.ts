/**
 * Runs a Compose project with processes instead of containers: commands, variables, start order, mounts and
 * health checks as in the files. Each container has its own address in 127.0.0.0/8, to which the name of its
 * service resolves, as in a Compose network.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { expect, onTestFinished } from 'vitest';
import { findRedisServer } from '../../src/kit/private-redis/find-binary.ts';
import { eventually } from '../support/eventually.ts';
import type { Project, Service } from './compose-file.ts';

import { type Container, makeContainer, stopContainer } from './container.ts';
import { readImage } from './image.ts';

/** Starts nothing yet; stops everything when the test ends. */
export async function openComposeRun({ services }: Project) {
  const image = readImage();
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-compose-'));
  const root = join(folder, 'root');
  await mkdir(root);
  const running = new Map<string, Container[]>();
  onTestFinished(async () => {
    await Promise.all([...running.values()].flat().map((container) => stopContainer(container, 0)));
    await rm(folder, { recursive: true, force: true });
  });

  // A network that no other test is likely to use.
  const network = [1, 2].map(() => Math.floor(Math.random() * 256)).join('.');
  const taken = new Map<string, number>();
  /** Reserves ten addresses per service; its name resolves to the first. */
  const addressOf = (name: string, index = 0) =>
    `127.${network}.${10 * (1 + Object.keys(services).indexOf(name)) + index}`;
  const nextAddress = (name: string) => {
    const index = taken.get(name) ?? 0;
    taken.set(name, index + 1);
    return addressOf(name, index);
  };

  const find = (name: string): Service => {
    const service = services[name];
    if (service === undefined) throw new Error(`there is no service ${name}`);
    return service;
  };

  /** Returns pairs of a path in the container and its path on this machine. */
  const mountsOf = ({ volumes = [] }: Service): Promise<(readonly [string, string])[]> =>
    Promise.all(
      volumes.map(async (volume) => {
        const [source = '', target = ''] = volume.split(':');
        const isOurs = source.startsWith('./');
        const path = isOurs ? resolve(source) : join(folder, `volume-${source}`);
        if (!isOurs) await mkdir(path, { recursive: true });
        return [target, path] as const;
      }),
    );

  /** Returns a function that replaces addresses and paths of the container by those of this machine. */
  const translator = async (service: Service, address: string) => {
    const mounts = await mountsOf(service);
    return (text: string): string => {
      const local = text
        .replace(/(?<=^[a-z]+:\/\/)[a-z]+(?=:\d)/, (name) => addressOf(name))
        .replace(/^0\.0\.0\.0$/, address)
        .replaceAll('127.0.0.1:', `${address}:`);
      const [target = '', path = ''] =
        mounts.find(([mounted]) => `${local}/`.startsWith(`${mounted}/`)) ?? [];
      return path + local.slice(target.length);
    };
  };

  const variablesOf = ({ environment }: Service, translate: (text: string) => string) => {
    const variables = Object.entries({ ...image.environment, ...environment });
    const translated = variables.map(([name, value]) => [name, translate(value)]);
    return { PATH: process.env['PATH'], ...(Object.fromEntries(translated) as Record<string, string>) };
  };

  const launch = async (name: string, command?: readonly string[]): Promise<Container> => {
    const service = find(name);
    const address = nextAddress(name);
    if (name === 'redis') {
      const [data] = await mountsOf(service);
      return makeContainer(address, await spawnRedis(service, address, data![1]));
    }
    const translate = await translator(service, address);
    const [, script = ''] = image.entrypoint;
    const args = (command ?? service.command ?? []).map(translate);
    const options = { cwd: root, env: variablesOf(service, translate) };
    return makeContainer(address, spawn(process.execPath, [resolve(script), ...args], options));
  };

  const isHealthy = async (name: string, { address }: Container): Promise<boolean> => {
    const service = find(name);
    const [program, ...args] = service.healthcheck?.test.slice(1) ?? image.healthcheck;
    if (program === 'redis-cli') return pings(address);
    const translate = await translator(service, address);
    const env = variablesOf(service, translate);
    const [code] = (await once(spawn(program!, args.map(translate), { env }), 'exit')) as [number];
    return code === 0;
  };

  const start = async (name: string): Promise<void> => {
    const { depends_on: needed = {}, deploy } = find(name);
    await Promise.all(Object.keys(needed).map(up));
    const started = await Promise.all(Array.from({ length: deploy?.replicas ?? 1 }, () => launch(name)));
    running.set(name, started);
    for (const container of started) {
      const check = async () => expect(await isHealthy(name, container), container.stderr()).toBe(true);
      await eventually(check, 60_000);
    }
  };

  const starts = new Map<string, Promise<void>>();
  /** `docker compose up --wait` of a service and its dependencies. */
  function up(name: string): Promise<void> {
    const starting = starts.get(name) ?? start(name);
    starts.set(name, starting);
    return starting;
  }

  return {
    up,
    addressOf,
    /** `docker compose run --rm`: runs a command in a new container. */
    async run(name: string, command: readonly string[], input = '') {
      const { child, stdout, stderr } = await launch(name, command);
      child.stdin?.end(input);
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, stdout: stdout(), stderr: stderr() };
    },
    /** `docker compose stop`: returns the exit code of each container; null if it was killed. */
    stop: (name: string): Promise<(number | null)[]> => {
      const givenMs = (find(name).stop_grace_period ?? 10) * 1000;
      return Promise.all((running.get(name) ?? []).map((container) => stopContainer(container, givenMs)));
    },
    /** Returns files written outside of volumes, which fail in a read-only container. */
    strayFiles: () => readdir(root),
  };
}

async function spawnRedis({ command = [] }: Service, address: string, cwd: string) {
  const [program, ...args] = command;
  expect(program).toBe('redis-server');
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const { file, env } = await findRedisServer({
    binary: process.env['REDIS_SERVER_BIN'],
    cacheDir: join(caches, 'passbridge', 'redis-server'),
    env: process.env,
    say: () => {},
  });
  return spawn(file, [...args, '--bind', address], { cwd, env });
}

/** Replaces `redis-cli ping`, because redis-cli is not downloaded with redis-server. */
async function pings(address: string): Promise<boolean> {
  const redis = new Redis(6379, address, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => {});
  const isUp = await redis.ping().then(
    () => true,
    () => false,
  );
  redis.disconnect();
  return isUp;
}
