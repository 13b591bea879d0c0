/** The lockfile pins the content of every package, so that a registry or a mirror cannot replace one. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface LockedPackage {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as unknown;
const { lockfileVersion, packages } = readJson('package-lock.json') as {
  lockfileVersion: number;
  packages: Record<string, LockedPackage>;
};
const manifest = readJson('package.json') as Required<
  Pick<LockedPackage, 'dependencies' | 'devDependencies'>
>;
const locked = Object.entries(packages).filter(([path]) => path !== '');

/** `sha512-` and 64 bytes in base64. */
const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/;

/** Returns the problems of one entry. */
function problemsOf([path, { version = '', resolved, integrity = '', link }]: [
  string,
  LockedPackage,
]): string[] {
  return [
    ...(link === true ? [`${path} is a link`] : []),
    ...(/^\d+\.\d+\.\d+/.test(version) ? [] : [`${path} has the version ${version}`]),
    ...(SHA512.test(integrity) ? [] : [`${path} has no SHA-512: ${integrity}`]),
    // Absent: from the registry that npm is configured with; the hash decides in either case.
    ...(resolved === undefined || resolved.startsWith('https://registry.npmjs.org/')
      ? []
      : [`${path} comes from ${resolved}`]),
  ];
}

describe('package-lock.json', () => {
  it('has a SHA-512 for every package, and none from outside the registry', () => {
    expect(lockfileVersion).toBe(3);
    expect(locked.length).toBeGreaterThan(300);
    expect(locked.flatMap(problemsOf)).toEqual([]);
  });

  it('is found out if a package lacks its hash or comes from elsewhere', () => {
    const [path, sound] = locked[0]!;
    const altered: LockedPackage[] = [
      { ...sound, integrity: '' },
      { ...sound, integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' },
      { ...sound, resolved: 'git+ssh://git@github.com/a/b.git#main' },
      { ...sound, resolved: 'http://registry.npmjs.org/a/-/a-1.0.0.tgz' },
      { ...sound, link: true },
    ];
    for (const one of altered) expect(problemsOf([path, one])).toHaveLength(1);
  });

  it('agrees with package.json, which pins every version exactly', () => {
    const wanted = { ...manifest.dependencies, ...manifest.devDependencies };
    const found = Object.keys(wanted).map((name) => [name, packages[`node_modules/${name}`]?.version]);
    expect(Object.fromEntries(found)).toEqual(wanted);
  });

  it('lets only known packages run a script when they are installed', () => {
    const scripted = locked.flatMap(([path, { hasInstallScript }]) =>
      hasInstallScript === true ? [path] : [],
    );
    expect(scripted).toEqual([
      'node_modules/cpu-features',
      'node_modules/msgpackr-extract',
      'node_modules/ssh2',
    ]);
  });
});
