/** `npm run release`: the published package.json, the changelog it requires, and the files of dependencies. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

type Manifest = Record<string, unknown>;

// Scripts are JavaScript, so the functions under test are typed here.
const { changesOf, releaseManifest } = (await import(resolve('scripts/release/manifest.mjs'))) as {
  changesOf(changelog: string, version: string): string;
  releaseManifest(manifest: Manifest, remote?: string): Manifest;
};
const { dependencyFilesIn } = (await import(resolve('scripts/release/bundle.mjs'))) as {
  dependencyFilesIn(code: string, file: string): string[];
};
const { packageFolderOf } = (await import(resolve('scripts/release/licenses.mjs'))) as {
  packageFolderOf(file: string): string;
};

const own = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest & { version: string };

describe('the published package.json', () => {
  it('has no dependencies, because the bundle contains them, and nothing that runs on installation', () => {
    const published = releaseManifest(own);
    expect(Object.keys(published)).toEqual(
      expect.arrayContaining([
        'name',
        'version',
        'description',
        'license',
        'bin',
        'files',
        'exports',
        'engines',
      ]),
    );
    for (const field of [
      'private',
      'scripts',
      'dependencies',
      'devDependencies',
      'overrides',
      'allowScripts',
    ])
      expect(published).not.toHaveProperty(field);
  });

  it.each([
    'https://git.example.com/cards/passbridge.git',
    'https://git.example.com/cards/passbridge/',
    'git@git.example.com:cards/passbridge.git',
    'https://name:password@git.example.com/cards/passbridge.git',
    'ssh://git@git.example.com:2222/cards/passbridge.git',
  ])('says where it comes from: %s', (remote) => {
    expect(releaseManifest(own, remote)).toMatchObject({
      repository: { type: 'git', url: 'git+https://git.example.com/cards/passbridge.git' },
      homepage: 'https://git.example.com/cards/passbridge#readme',
      bugs: { url: 'https://git.example.com/cards/passbridge/issues' },
    });
  });

  it.each(['/srv/git/passbridge.git', 'file:///srv/git/passbridge.git', '../passbridge'])(
    'names no origin that others cannot reach: %s',
    (remote) => expect(releaseManifest(own, remote)).toEqual(releaseManifest(own)),
  );
});

describe('the changelog', () => {
  it('has a dated section for the version in package.json', () => {
    const dated = new RegExp(`^## \\[${own.version}\\] - [0-9-]{10}$`, 'm');
    expect(readFileSync('CHANGELOG.md', 'utf8')).toMatch(dated);
  });

  it.each([
    ['a section for another version', '## [1.0.0] - 2026-12-01\n\n- A.\n'],
    ['a section without a date', '## [1.1.0]\n\n- B.\n'],
    ['lines that belong to no version', '## [Unreleased]\n\n- C.\n\n## [1.1.0] - 2026-12-02\n\n- B.\n'],
  ])('stops a release if it has %s', (_case, changelog) => {
    expect(() => changesOf(changelog, '1.1.0')).toThrow(/CHANGELOG\.md/);
  });

  it('may keep an empty section for what comes next', () => {
    const changelog =
      '## [Unreleased]\n\n## [1.1.0] - 2026-12-02\n\n- B.\n\n## [1.0.0] - 2026-12-01\n\n- A.\n';
    expect(changesOf(changelog, '1.1.0')).toBe('- B.');
  });
});

describe('the bundle', () => {
  it('takes along the files of dependencies that the sources name', () => {
    const code =
      "const a = dependencyFile('htmx.org/dist/htmx.min.js');\nexport function dependencyFile(path) {}";
    expect(dependencyFilesIn(code, 'a.ts')).toEqual(['htmx.org/dist/htmx.min.js']);
  });

  it('refuses a file whose name is known only when it runs', () => {
    expect(() => dependencyFilesIn('dependencyFile(name)', 'a.ts')).toThrow('a.ts');
  });

  it.each([
    ['/a/node_modules/undici/lib/api.js', '/a/node_modules/undici'],
    ['/a/node_modules/@fastify/static/index.js', '/a/node_modules/@fastify/static'],
    ['/a/node_modules/send/node_modules/ms/index.js', '/a/node_modules/send/node_modules/ms'],
    ['/a/node_modules/@fastify/static', '/a/node_modules/@fastify/static'],
  ])('finds the package of %s', (file, folder) => expect(packageFolderOf(file)).toBe(folder));
});
