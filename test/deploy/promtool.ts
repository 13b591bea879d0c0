/** Debian's package `prometheus`: promtool and the server. CI has it; elsewhere what needs it may be skipped. */

import { spawnSync } from 'node:child_process';

const isHere = spawnSync('promtool', ['--version']).status === 0;

/** True where its tests are skipped; in CI they fail instead. */
export const lacksPrometheus = !isHere && process.env['CI'] === undefined;

/** For the name of what may be skipped. */
export const needsPrometheus = isHere ? '' : ' (needs promtool: apt-get install prometheus)';

/** Runs promtool in a folder; what it printed, and whether it was content. */
export function promtool(folder: string, args: readonly string[]): { ok: boolean; said: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return { ok: status === 0, said: `${stdout}${stderr}` };
}
