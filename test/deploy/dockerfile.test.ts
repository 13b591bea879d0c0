/** The Dockerfile keeps to the rules, and each rule notices a Dockerfile that does not. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { DockerfileParser } from 'dockerfile-ast';
import { describe, expect, it } from 'vitest';
import { settings } from '../../src/config/environment.ts';
import { dockerfileProblems } from './dockerfile-lint.ts';
import { probes } from './probes.ts';

const text = readFileSync('Dockerfile', 'utf8');
const dockerfile = DockerfileParser.parse(text);
const letIn = [...readFileSync('.dockerignore', 'utf8').matchAll(/^!(.+)$/gm)].map(([, path]) => path);
const hasEngine = spawnSync('docker', ['info']).status === 0;

describe('the Dockerfile', () => {
  it('keeps to the rules, and says how to pin a digest', () => {
    expect(dockerfileProblems(text)).toEqual([]);
    expect(text).toContain('node:20-bookworm-slim@sha256:');
  });

  it.each([
    ['a base image without a tag', 'node:20-bookworm-slim', 'node'],
    ['a base image that changes with every release', 'node:20-bookworm-slim', 'node:latest'],
    ['npm ci more than once in a stage', 'npm run build', 'npm ci'],
    ['npm install instead of npm ci', 'npm ci', 'npm install'],
    ['development dependencies in the image', '--omit=dev ', ''],
    ['the cache of npm in the image', ' && npm cache clean --force', ''],
    ['lists of apt in the image', 'npm run build', 'apt-get update'],
    ['packages that apt only recommends', 'npm run build', 'apt-get install -y curl'],
    ['sudo, cd or a pipe in RUN', 'mkdir /data', 'sudo mkdir /data'],
    ['ADD where COPY does', 'COPY assets', 'ADD assets'],
    ['root at the end', 'USER node', 'USER root'],
    ['root at the end', 'USER node\n', ''],
    ['no HEALTHCHECK', /HEALTHCHECK.+?\n.+?\n/s, ''],
    ['no CMD', 'CMD ["up"]', ''],
    ['a shell between Docker and the program', 'CMD ["up"]', 'CMD up'],
    ['a secret in the image', 'NODE_ENV=', 'PASSMACHINE_SECRET_TOKEN=x NODE_ENV='],
  ])('would be found to have %s', (problem, good, bad) => {
    const worse = typeof good === 'string' ? text.replaceAll(good, bad) : text.replace(good, bad);
    expect(worse).not.toBe(text);
    expect(dockerfileProblems(worse)).toContain(problem);
  });

  it('copies what is there and let in, and lets nothing else in', () => {
    const copied = dockerfile
      .getCOPYs()
      .filter((copy) => !copy.getFlags().some((flag) => flag.getName() === 'from'))
      .flatMap((copy) => copy.getArguments().slice(0, -1))
      .map((argument) => argument.getValue());
    for (const path of copied) expect(existsSync(path)).toBe(true);
    expect(new Set(copied)).toEqual(new Set(letIn));
    expect(readFileSync('.dockerignore', 'utf8')).toMatch(/^\*$/m);
  });

  it('sets what is a setting, and asks a probe that there is', () => {
    const names = dockerfile.getENVs().flatMap((env) => env.getProperties().map((each) => each.getName()));
    for (const name of names) expect(['NODE_ENV', ...Object.keys(settings)]).toContain(name);
    const [check] = dockerfile.getHEALTHCHECKs();
    const [, path] = /'(\/\w+)'/.exec(check!.getTextContent()) ?? [];
    expect(probes).toContain(path);
  });

  it.skipIf(!hasEngine)('has nothing that Docker would point out', () => {
    const said = execFileSync('docker', ['build', '--check', '.'], { encoding: 'utf8', stdio: 'pipe' });
    expect(said).not.toMatch(/WARNING/);
  });
});
