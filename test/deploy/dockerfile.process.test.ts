/** The Dockerfile follows the rules, and each rule detects a violation. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { DockerfileParser } from 'dockerfile-ast';
import { describe, expect, it } from 'vitest';
import { settings } from '../../src/config/environment.ts';
import { dockerfileProblems } from './dockerfile-lint.ts';
import { probes } from './image.ts';

const text = readFileSync('Dockerfile', 'utf8');
const dockerfile = DockerfileParser.parse(text);
const allowed = [...readFileSync('.dockerignore', 'utf8').matchAll(/^!(.+)$/gm)].map(([, path]) => path);
const hasEngine = spawnSync('docker', ['info']).status === 0;

describe('the Dockerfile', () => {
  it('follows the rules and shows how to pin a digest', () => {
    expect(dockerfileProblems(text)).toEqual([]);
    expect(text).toContain('node:20-bookworm-slim@sha256:');
  });

  it.each([
    ['a base image without a tag', 'node:20-bookworm-slim', 'node'],
    ['a base image that changes with every release', 'node:20-bookworm-slim', 'node:latest'],
    ['npm ci more than once in a stage', 'npm run build', 'npm ci'],
    ['npm install instead of npm ci', 'npm ci', 'npm install'],
    ['development dependencies in the image', '--omit=dev ', ''],
    ['the npm cache in the image', ' && npm cache clean --force', ''],
    ['apt package lists in the image', 'npm run build', 'apt-get update'],
    ['packages that apt merely recommends', 'npm run build', 'apt-get install -y curl'],
    ['sudo, cd or a pipe in RUN', 'mkdir /data', 'sudo mkdir /data'],
    ['ADD instead of COPY', 'COPY assets', 'ADD assets'],
    ['root as the final user', 'USER node', 'USER root'],
    ['root as the final user', 'USER node\n', ''],
    ['no HEALTHCHECK', /HEALTHCHECK.+?\n.+?\n/s, ''],
    ['no CMD', 'CMD ["up"]', ''],
    ['a shell as the parent of the program', 'CMD ["up"]', 'CMD up'],
    ['a secret in the image', 'NODE_ENV=', 'PASSMACHINE_SECRET_TOKEN=x NODE_ENV='],
  ])('would be rejected for %s', (problem, good, bad) => {
    const worse = typeof good === 'string' ? text.replaceAll(good, bad) : text.replace(good, bad);
    expect(worse).not.toBe(text);
    expect(dockerfileProblems(worse)).toContain(problem);
  });

  it('copies existing paths, which .dockerignore allows and nothing else', () => {
    const copied = dockerfile
      .getCOPYs()
      .filter((copy) => !copy.getFlags().some((flag) => flag.getName() === 'from'))
      .flatMap((copy) => copy.getArguments().slice(0, -1))
      .map((argument) => argument.getValue());
    for (const path of copied) expect(existsSync(path)).toBe(true);
    expect(new Set(copied)).toEqual(new Set(allowed));
    expect(readFileSync('.dockerignore', 'utf8')).toMatch(/^\*$/m);
  });

  it('sets existing settings and requests an existing probe', () => {
    const names = dockerfile.getENVs().flatMap((env) => env.getProperties().map((each) => each.getName()));
    for (const name of names) expect(['NODE_ENV', ...Object.keys(settings)]).toContain(name);
    const [check] = dockerfile.getHEALTHCHECKs();
    const [, path] = /'(\/\w+)'/.exec(check!.getTextContent()) ?? [];
    expect(probes).toContain(path);
  });

  it.skipIf(!hasEngine)('passes docker build --check', () => {
    const output = execFileSync('docker', ['build', '--check', '.'], { encoding: 'utf8', stdio: 'pipe' });
    expect(output).not.toMatch(/WARNING/);
  });
});
