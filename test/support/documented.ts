/** The shell commands of README.md and docs/, as printed there. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ShellBlock {
  /** E.g. `docs/deployment.md`. */
  page: string;
  /** The heading above it, without its marks. */
  heading: string;
  commands: string;
}

/** The pages whose commands users are meant to type. */
export const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** Returns the blocks in a language (empty: without one) of a page, in its order. */
export function blocksOf(page: string, language: string): ShellBlock[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)]
    .filter(([, marked]) => marked === language)
    .map(({ index, 2: commands = '' }) => {
      const [heading = ''] =
        text
          .slice(0, index)
          .match(/^#+ .*$/gm)
          ?.slice(-1) ?? [];
      return { page, heading: heading.replace(/^#+ /, ''), commands };
    });
}

/** Returns the commands of the blocks below a heading. Throws if there are none. */
export function shellBlocksBelow(page: string, heading: string): string[] {
  const found = blocksOf(page, 'sh').filter((block) => block.heading === heading);
  if (found.length === 0) throw new Error(`${page} has no commands below "${heading}"`);
  return found.map(({ commands }) => commands);
}
