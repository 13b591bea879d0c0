/** THIRD-PARTY-LICENSES: the terms of every package whose code a release contains. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TERMS = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/** Returns the text; `files` are paths below `node_modules`. Throws if a package does not name its license. */
export function thirdPartyLicenses(/** @type {readonly string[]} */ files) {
  const folders = [...new Set(files.map(packageFolderOf))];
  const entries = folders.map(termsOf).toSorted((a, b) => a.title.localeCompare(b.title, 'en'));
  const distinct = new Map(entries.map((entry) => [entry.title, entry]));
  return [
    'passbridge contains code of the following packages, each under its own license.',
    ...[...distinct.values()].map(
      ({ title, text }) => `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n${text}`,
    ),
  ].join('\n\n');
}

/** Returns the folder of the package that a file below `node_modules` belongs to. */
export function packageFolderOf(/** @type {string} */ file) {
  const [folder] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [];
  if (folder === undefined) throw new Error(`${file} is not below node_modules`);
  return folder;
}

function termsOf(/** @type {string} */ folder) {
  /** @type {{ name: string, version: string, license?: string, author?: string | { name: string } }} */
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => TERMS.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (license === undefined && texts.length === 0) throw new Error(`${name} does not name its license`);
  const by = typeof author === 'object' ? author.name : author;
  if (texts.length === 0) texts.push(`Licensed under ${license}${by === undefined ? '' : ` by ${by}`}.`);
  return {
    title: `${name} ${version}${license === undefined ? '' : ` (${license})`}`,
    text: texts.join('\n\n'),
  };
}
