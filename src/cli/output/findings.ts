/** The findings of `passbridge doctor` as text: a mark and a line each, and below it what to do. */

import { visibleLine } from '../../kit/text/visible.ts';
import type { Finding, Level } from '../../services/doctor/check.ts';

const marks: Readonly<Record<Level, string>> = { ok: '✓', warning: '!', error: '✗' };

/** Returns the findings in aligned columns, and a last line with the number of errors and warnings. */
export function describeFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const indent = ' '.repeat(width + 4);
  const lines = findings.flatMap(({ check, level, message, fix }) => [
    `${marks[level]} ${check.padEnd(width)}  ${visibleLine(message)}`,
    ...(fix === undefined ? [] : [`${indent}${visibleLine(fix)}`]),
  ]);
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  return [...lines, '', `Errors: ${count('error')}; warnings: ${count('warning')}.`].join('\n');
}
