/** compose.yaml and compose.rehearsal.yaml: hardened, pinned, and using existing settings and files. */

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settings } from '../../src/config/environment.ts';
import { settingsFor } from '../../src/services/local-sandbox.ts';
import { sandboxCredentials } from '../../src/sandbox/sandbox.ts';
import { parseProject, readProject } from './compose-file.ts';
import { readImage } from './image.ts';

const graceSeconds = Number(settings.SHUTDOWN_GRACE_MS.defaultText) / 1000;
const roles = ['web', 'worker', 'feeder'] as const;
const image = readImage();

describe.each([[['compose.yaml']], [['compose.yaml', 'compose.rehearsal.yaml']]])('%s', (files) => {
  const { services, volumes } = readProject(...files);

  it('starts each role, with only the allowed keys', () => {
    expect(Object.keys(services).filter((name) => name !== 'sandbox')).toEqual(
      expect.arrayContaining(['redis', 'prometheus', 'grafana']),
    );
    expect(roles.map((role) => services[role]?.command)).toEqual(roles.map((role) => ['up', '--role', role]));
    expect(services['worker']?.deploy?.replicas).toBe(2);
  });

  it.each(roles)('gives %s a longer grace period than its shutdown takes, and waits for Redis', (role) => {
    const { stop_grace_period: given, depends_on: needed } = services[role]!;
    expect(given).toBeGreaterThanOrEqual(graceSeconds + 10);
    expect(needed).toEqual({ redis: { condition: 'service_healthy' } });
    expect(services['redis']!.healthcheck).toBeDefined();
  });

  it.each(roles)('sets existing settings for %s and checks its health on its port', (role) => {
    const { environment, healthcheck } = services[role]!;
    for (const name of Object.keys(environment!)) expect(Object.keys(settings)).toContain(name);
    expect(healthcheck).toBeUndefined();
    expect(image.healthcheck.join(' ')).toContain('process.env.METRICS_PORT');
    expect(Number(environment!['METRICS_PORT'])).toBeGreaterThan(0);
  });

  it('mounts existing paths, apart from the folder that its first lines create', () => {
    const mounts = Object.values(services).flatMap((service) => service.volumes ?? []);
    const sources = new Set(mounts.map((mount) => mount.split(':')[0]!));
    const missing = [...sources].filter(
      (source) => !(source.startsWith('./') ? existsSync(source) : Object.hasOwn(volumes, source)),
    );
    expect(missing).toEqual(files.length === 1 ? ['./config'] : []);
    expect(Object.keys(volumes).filter((name) => !sources.has(name))).toEqual([]);
    // Files of the repository are mounted read-only.
    for (const mount of mounts.filter((each) => each.startsWith('./'))) expect(mount).toMatch(/:ro$/);
  });

  it('publishes each listening port once', () => {
    const ports = Object.entries(services).flatMap(([name, { ports: published = [] }]) =>
      published.map((port) => [name, ...port.split(':').slice(1)] as const),
    );
    expect(new Set(ports.map(([, published]) => published)).size).toBe(ports.length);
    const { environment } = services['web']!;
    expect(ports.filter(([name]) => name === 'web')).toEqual([
      ['web', environment!['PORT'], environment!['PORT']],
    ]);
  });

  it('interpolates nothing', () => {
    for (const file of files) {
      const lines = readFileSync(file, 'utf8').split('\n');
      expect(lines.filter((line) => /^[^#]*\$/.test(line))).toEqual([]);
    }
  });
});

it.each([
  [
    'a misspelled key',
    'stop_grace_period: 30s\n\nservices',
    'stop_grace_time: 30s\n\nservices',
    'stop_grace_time',
  ],
  ['a port that is reachable from outside', '127.0.0.1:3000:3000', '3000:3000', 'ports'],
  ['an image without a pinned version', 'grafana:12.4.0', 'grafana:latest', 'image'],
  ['a container with a writable root', 'read_only: true', 'read_only: false', 'read_only'],
  ['a privileged container', 'user: redis', 'privileged: true', 'privileged'],
  ['a kept capability', '[ALL]', '[NET_RAW]', 'cap_drop'],
])('%s would be rejected', (_what, good, bad, key) => {
  const text = readFileSync('compose.yaml', 'utf8');
  expect(text).toContain(good);
  expect(() => parseProject(text.replace(good, bad))).toThrow(key);
});

it('a rehearsal calls the sandbox with its credentials and uses none of .env', () => {
  const { name, services } = readProject('compose.yaml', 'compose.rehearsal.yaml');
  // A separate project name means separate volumes.
  expect(name).not.toBe(readProject('compose.yaml').name);
  const url = 'http://sandbox:4010';
  const known = settingsFor({ passmachineUrl: url, bloomreachUrl: url, credentials: sandboxCredentials });
  for (const role of roles) {
    expect(services[role]!.environment).toMatchObject(known);
    expect(services[role]!.env_file).toEqual([]);
  }
});
