/** The package as users get it: packed, installed from an empty folder into an empty prefix, and run there. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { makeWorkspace, printed } from '../support/cli.ts';
import { printedDashboard } from '../support/dashboard.ts';

interface Ended {
  code: number;
  output: string;
}

interface Installed {
  /** The folder of the installed package. */
  root: string;
  sizeMb: number;
  run(...args: string[]): Promise<Ended>;
}

// Scripts are JavaScript, so the functions under test are typed here.
const { makePackage } = (await import(resolve('scripts/release/package.mjs'))) as {
  makePackage(folder: string): Promise<string>;
};
const { installPackage } = (await import(resolve('scripts/release/try-package.mjs'))) as {
  installPackage(tarball: string, options: { node: string; work: string }): Promise<Installed>;
};

const work = mkdtempSync(join(tmpdir(), 'passbridge-package-'));
let installed: Installed;

beforeAll(async () => {
  const tarball = await makePackage(join(work, 'release'));
  installed = await installPackage(tarball, { node: process.execPath, work });
}, 180_000);

afterAll(() => rmSync(work, { recursive: true, force: true }));

const filesOf = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' });

it('needs no other package and at most 60 MB', () => {
  expect(installed.sizeMb).toBeLessThanOrEqual(60);
  const manifest = JSON.parse(readFileSync(join(installed.root, 'package.json'), 'utf8')) as object;
  expect(Object.keys(manifest)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^private$|scripts|dependencies/i)]),
  );
  expect(existsSync(join(installed.root, 'node_modules'))).toBe(false);
  expect(filesOf(installed.root).filter((file) => /\.(map|ts|node)$/.test(file))).toEqual([]);
});

it('contains the terms of every package in it', () => {
  const terms = readFileSync(join(installed.root, 'THIRD-PARTY-LICENSES'), 'utf8');
  for (const name of [
    'bullmq',
    'ioredis',
    'fastify',
    'undici',
    '@fontsource-variable/inter',
    'htmx.org',
    'ssh2',
  ])
    expect(terms).toMatch(new RegExp(`^${name} [0-9]`, 'm'));
  expect(readFileSync(join(installed.root, 'LICENSE'), 'utf8')).toContain('MIT License');
});

it('contains every file that its pages link', () => {
  const pages = ['README.md', ...readdirSync(join(installed.root, 'docs')).map((name) => join('docs', name))];
  const missing = pages
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) => {
      const text = readFileSync(join(installed.root, page), 'utf8');
      const links = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path);
      return links
        .filter((path) => !existsSync(join(installed.root, dirname(page), path)))
        .map((path) => `${page}: ${path}`);
    });
  expect(missing).toEqual([]);
});

it('runs the demo from an empty folder', async () => {
  const { code, output } = await installed.run('demo', '--once');
  expect(output).toContain(
    '293 cards made, 293 of them saved to their customers, and at most 10 calls at once',
  );
  expect(code).toBe(1);
});

it('contains only modules that can be loaded', () => {
  const chunks = join(installed.root, 'dist', 'chunks');
  const script = 'for (const file of process.argv.slice(1)) await import(file)';
  const files = readdirSync(chunks).map((name) => join(chunks, name));
  expect(files.length).toBeGreaterThan(50);
  execFileSync(process.execPath, ['--input-type=module', '--eval', script, ...files], { stdio: 'pipe' });
});

/** Returns the packages of which a command loads a part, from the coverage report that V8 writes at its end. */
async function packagesLoadedBy(...args: string[]): Promise<Set<string>> {
  const coverage = mkdtempSync(join(tmpdir(), 'passbridge-coverage-'));
  onTestFinished(() => rmSync(coverage, { recursive: true, force: true }));
  const { start } = await makeWorkspace();
  const more = { NODE_V8_COVERAGE: coverage };
  expect((await start(args, more, join(installed.root, 'dist', 'main.js')).ended).code).toBe(0);
  const urls = readdirSync(coverage).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as {
      result: { url: string }[];
    };
    return result.map(({ url }) => url).filter((url) => url.includes('/dist/chunks/'));
  });
  const code = urls.map((url) => readFileSync(new URL(url), 'utf8')).join('\n');
  const origins = code.matchAll(/^\s*\/\/.*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\//gm);
  return new Set([...origins].map(([, name = '']) => name));
}

const ON_USE = /^(@aws-sdk|@smithy|@opentelemetry|ssh2|fastify|undici|csv-parse)/;

it('prints its version without loading Redis, the queue or validation', async () => {
  const loaded = await packagesLoadedBy('--version');
  expect(loaded).toContain('commander');
  expect([...loaded].filter((name) => ON_USE.test(name) || /^(ioredis|bullmq|zod|pino)$/.test(name))).toEqual(
    [],
  );
});

it('shows its status without loading AWS, OpenTelemetry, SSH, HTTP, Prometheus or templates', async () => {
  const loaded = await packagesLoadedBy('status');
  expect(loaded).toContain('ioredis');
  // The API of OpenTelemetry, without the SDK, is a part of bullmq.
  const unused = [...loaded].filter(
    (name) => ON_USE.test(name) || /^(prom-client|d3-time-format)$/.test(name),
  );
  expect(unused.filter((name) => name !== '@opentelemetry/api')).toEqual([]);
});

/** Returns the paths of the styles and scripts that a page links. */
function linked(page: string, base: string): string[] {
  const links = page.matchAll(/(?:href|src)="([^"#?]+\.(?:css|js))"/g);
  return [...links].map(([, path = '']) => new URL(path, `http://host${base}`).pathname);
}

it('serves the pages with their files and the page of the API', async () => {
  const { start } = await makeWorkspace();
  const up = start(['up', '--role', 'web'], {}, join(installed.root, 'dist', 'main.js'));
  await printed(up, /Dashboard:/);
  const { url, bearer: headers } = await printedDashboard(up);
  const textOf = async (path: string) => {
    const answer = await fetch(url + path, { headers });
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.text();
  };
  const pages = await Promise.all(['/', '/attention', '/api/docs/'].map(textOf));
  const files = new Set([
    ...linked(pages.slice(0, 2).join('\n'), '/'),
    ...linked(pages[2] ?? '', '/api/docs/'),
  ]);
  expect([...files]).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^\/assets\/\w+\/passbridge\.css$/),
      expect.stringMatching(/^\/api\/docs\/static\/swagger-ui-bundle\.js$/),
    ]),
  );
  for (const file of files) expect((await textOf(file)).length).toBeGreaterThan(100);
  expect(JSON.parse(await textOf('/api/docs/json'))).toMatchObject({ info: { title: 'passbridge' } });
});
