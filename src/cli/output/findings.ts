/** The findings of `passbridge doctor` as text: a mark and a line each, and below it what to do. */

import type { Finding, Level } from '../../services/doctor/check.ts';

const marks: Readonly<Record<Level, string>> = { ok: '✓', warning: '!', error: '✗' };

/** Returns the findings in aligned columns, and a last line with the number of errors and warnings. */
export function describeFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const indent = ' '.repeat(width + 4);
  const lines = findings.flatMap(({ check, level, message, fix }) => [
    `${marks[level]} ${check.padEnd(width)}  ${oneLine(message)}`,
    ...(fix === undefined ? [] : [`${indent}${oneLine(fix)}`]),
  ]);
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  return [...lines, '', `Errors: ${count('error')}; warnings: ${count('warning')}.`].join('\n');
}

/** Messages may quote an upstream, whose text may hold line breaks and control characters. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
}
