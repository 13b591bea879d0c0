/** Releases for tests: the real package, and the same code as another version. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

// Scripts are JavaScript, so the function is typed here.
const { makePackage } = (await import(resolve('scripts/release/package.mjs'))) as {
  makePackage(folder: string): Promise<string>;
};

/** Packs the build into `folder`/release; returns the path of the tarball. */
export function packRelease(folder: string): Promise<string> {
  return makePackage(join(folder, 'release'));
}

/** Packs a release again as another version; returns the path of the new tarball, in `folder`. */
export function repackAs(version: string, tarball: string, folder: string): string {
  const content = join(folder, `content-${version}`);
  mkdirSync(content);
  execFileSync('tar', ['-xzf', tarball, '-C', content]);
  const manifestFile = join(content, 'package', 'package.json');
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as object;
  writeFileSync(manifestFile, JSON.stringify({ ...manifest, version }));
  const repacked = join(folder, `passbridge-${version}.tgz`);
  execFileSync('tar', ['-czf', repacked, '-C', content, 'package']);
  return repacked;
}

/** Returns a line of SHA256SUMS. */
export function checksumLine(file: string): string {
  return `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${basename(file)}\n`;
}
