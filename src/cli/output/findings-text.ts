/** Findings in a terminal: a mark and a line each, and beneath it what to do. */

import type { Finding, Level } from '../../services/doctor/finding.ts';

const marks: Readonly<Record<Level, string>> = { ok: '✓', info: 'i', warning: '!', error: '✗' };

/** The findings, aligned, with a last line that counts what needs a hand. */
export function describeFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const indent = ' '.repeat(width + 4);
  const lines = findings.flatMap(({ check, level, message, fix }) => [
    `${marks[level]} ${check.padEnd(width)}  ${oneLine(message)}`,
    ...(fix === undefined ? [] : [`${indent}${oneLine(fix)}`]),
  ]);
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const verdict =
    count('error') === 0
      ? `Nothing stands in the way${count('warning') === 0 ? '' : `; warnings: ${count('warning')}`}.`
      : `Errors: ${count('error')}; warnings: ${count('warning')}.`;
  return [...lines, '', verdict].join('\n');
}

/** What others have said may have lines, and worse. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
}
