/** The running processes as text: what an operator must know to stop one or to remove a release. */

import type { Heartbeat } from '../../domain/monitoring/heartbeat.ts';

type Listed = Pick<Heartbeat, 'roles' | 'version' | 'pid' | 'host' | 'quiet'>;

/** Returns a line per process; empty if none is running. */
export function describeProcesses(alive: readonly Listed[]): string {
  if (alive.length === 0) return '';
  const rows = alive.map(({ roles, version, pid, host, quiet }) => [
    roles.join(', '),
    version,
    `pid ${pid} on ${host}`,
    quiet === true ? 'quiet: takes no more jobs' : '',
  ]);
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = [width(0), width(1), width(2)];
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return ['Running processes', ...rows.map((row) => `  ${line(row)}`)].join('\n');
}

/** Returns the fields of a process for `--json`. */
export function publicProcess({ roles, version, pid, host, quiet }: Listed) {
  return { roles, version, pid, host, quiet: quiet === true };
}
