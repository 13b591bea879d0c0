/** How the user calls the command line, for hints that work when they are copied into a shell. */

import { basename } from 'node:path';

interface Process {
  env: Readonly<Record<string, string | undefined>>;
  /** Node, the script, and its arguments. */
  argv: readonly string[];
}

/** Returns `passbridge` if it was called by that name, and otherwise what calls the same program. */
export function invocation({ env, argv }: Process): string {
  // Set by `npm run` and npx, which put no command on the user's PATH.
  if (env['npm_execpath'] !== undefined) return 'npx passbridge';
  const [, script = ''] = argv;
  return basename(script) === 'passbridge' ? 'passbridge' : `node ${quoted(script)}`;
}

function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
