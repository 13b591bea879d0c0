import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { guardKeys } from '../../src/domain/campaigns/options/campaign-options.ts';
import { missedRules, overlapRules } from '../../src/domain/schedules/schedule.ts';
import { scheduleKeysAt } from '../../src/programs/file/schedule-shape.ts';

const page = readFileSync('docs/schedules.md', 'utf8');

const rowOf = (key: string) => page.split('\n').find((line) => line.startsWith(`| \`${key}\``)) ?? '';

it('docs/schedules.md lists every key of a schedule', () => {
  const rows = [...page.slice(0, page.indexOf('\n## ')).matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)];
  const keys = rows.flatMap(([, cell = '']) => cell.replaceAll('`', '').split(', '));
  expect(keys.toSorted()).toEqual(scheduleKeysAt(['', undefined as never]).toSorted());
});

it('docs/schedules.md lists every safeguard and every rule', () => {
  for (const key of guardKeys) expect(rowOf('guards')).toContain(`\`${key}\``);
  for (const rule of overlapRules) expect(rowOf('overlap')).toContain(`\`${rule}\``);
  for (const rule of missedRules) expect(rowOf('missed')).toContain(`\`${rule}\``);
});
