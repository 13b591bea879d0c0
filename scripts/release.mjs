/**
 * Makes a release in `build/release`: the tarball that users install, and its checksum. Publishes nothing.
 *
 *     npm run release                 checks, packs, tries the tarball on Node 20, 22 and 24
 *     npm run release -- --pack       only packs, from any state of the checkout
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { changesOf } from './release/manifest.mjs';
import { makePackage } from './release/package.mjs';
import { tryPackage } from './release/try-package.mjs';

const FOLDER = join('build', 'release');
const NODE_MAJORS = [20, 22, 24];

const { values } = parseArgs({ options: { pack: { type: 'boolean', default: false } } });
try {
  await release(values.pack);
} catch (error) {
  process.stderr.write(`No release: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function release(/** @type {boolean} */ packOnly) {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  if (!packOnly) {
    const changed = execFileSync('git', ['status', '--porcelain'], { encoding: 'utf8' }).trim();
    if (changed !== '') throw new Error(`commit these files first:\n${changed}`);
    changesOf(await readFile('CHANGELOG.md', 'utf8'), version);
  }
  const tarball = await makePackage(FOLDER);
  const hash = createHash('sha256')
    .update(await readFile(tarball))
    .digest('hex');
  await writeFile(join(FOLDER, 'SHA256SUMS'), `${hash}  ${basename(tarball)}\n`);
  say(`${relative('.', tarball)}\nsha256 ${hash}`);
  if (packOnly) return;

  for (const major of NODE_MAJORS) say(await tryPackage(tarball, { major, version }));
  say(
    `\nTo publish it:\n  git tag v${version} && git push origin v${version}\n  npm publish ${relative('.', tarball)}`,
  );
}

function say(/** @type {string} */ line) {
  process.stdout.write(`${line}\n`);
}
