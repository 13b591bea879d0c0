/** Makes the tarball that users install. */

import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { bundle } from './bundle.mjs';
import { thirdPartyLicenses } from './licenses.mjs';
import { releaseManifest } from './manifest.mjs';

/** What the build makes; everything else in `files` of package.json is copied. */
const BUILT = new Set(['dist', 'vendor', 'THIRD-PARTY-LICENSES']);

/**
 * Packs what `npm run build` has built; returns the path of the tarball.
 *
 * @param {string} folder is emptied first
 */
export async function makePackage(folder) {
  const content = join(folder, 'package');
  await rm(folder, { recursive: true, force: true });
  await mkdir(content, { recursive: true });

  const contained = await bundle(content);
  // npm makes it executable when it installs the package; unpacked, it must be so already.
  await chmod(join(content, 'dist', 'main.js'), 0o755);
  await writeFile(join(content, 'THIRD-PARTY-LICENSES'), thirdPartyLicenses(contained));
  for (const source of await readdir(join('src', 'web', 'client'))) {
    if (source.endsWith('.d.ts')) continue;
    await copyScript(join('dist', 'web', 'client', source.replace(/\.ts$/, '.js')), content);
  }

  const manifest = releaseManifest(JSON.parse(await readFile('package.json', 'utf8')), remoteUrl());
  for (const path of manifest.files.filter((file) => !BUILT.has(file)))
    await cp(path, join(content, path), { recursive: true });
  for (const file of ['README.md', 'LICENSE']) await cp(file, join(content, file));
  await writeFile(join(content, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);

  const packed = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', resolve(folder)],
    {
      cwd: content,
      encoding: 'utf8',
    },
  );
  const [tarball] = Object.values(JSON.parse(packed));
  return resolve(folder, tarball.filename);
}

/** Copies a script of the pages without the reference to its source map, which a release does not contain. */
async function copyScript(/** @type {string} */ file, /** @type {string} */ folder) {
  const text = await readFile(file, 'utf8');
  await mkdir(join(folder, dirname(file)), { recursive: true });
  await writeFile(join(folder, file), text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'));
}

/** Undefined in a checkout without a remote. */
function remoteUrl() {
  try {
    return execFileSync('git', ['remote', 'get-url', 'origin'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined;
  }
}
