/** The shell commands of README.md and docs/, as printed there. */

import { readFileSync } from 'node:fs';

export interface ShellBlock {
  /** E.g. `docs/deployment.md`. */
  page: string;
  /** The heading above it, without its marks. */
  heading: string;
  /** Of its first command, from 1. */
  line: number;
  commands: string;
}

/** Returns the blocks marked as `sh` of a page, in its order. */
export function shellBlocksOf(page: string): ShellBlock[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(({ index, 1: commands = '' }) => {
    const above = text.slice(0, index);
    const [heading = ''] = above.match(/^#+ .*$/gm)?.slice(-1) ?? [];
    return {
      page,
      heading: heading.replace(/^#+ /, ''),
      line: above.split('\n').length + 1,
      commands,
    };
  });
}

/** Returns the commands of the blocks below a heading. Throws if there are none. */
export function shellBlocksBelow(page: string, heading: string): string[] {
  const found = shellBlocksOf(page).filter((block) => block.heading === heading);
  if (found.length === 0) throw new Error(`${page} has no commands below "${heading}"`);
  return found.map(({ commands }) => commands);
}
