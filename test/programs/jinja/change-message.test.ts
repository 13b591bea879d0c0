import { expect, test } from 'vitest';
import { programDialect } from '../../../src/programs/jinja/dialects.ts';
import { at, lastSunday, snippetByHand } from '../../support/guide.ts';

function call(time: number, named: Record<string, unknown> = {}, positional: unknown[] = []) {
  const result = programDialect.functions.change_message({ positional, named }, { time });
  return result.ok ? result.value : result.problem;
}

test.each([
  ['2025-11-22T23:43:20Z', '30-11-2025 00:43:20'],
  // A clock change within the week: calendar days count, not hours.
  ['2026-03-25T11:00:00Z', '01-04-2026 12:00:00'],
  ['2026-10-20T10:00:00Z', '27-10-2026 12:00:00'],
  // 02:30 does not exist on 29 March 2026.
  ['2026-03-22T01:30:00Z', '29-03-2026 03:30:00'],
  ['2026-01-01T00:00:00.900Z', '08-01-2026 01:00:00'],
])('change_message at %s is %s', (iso, expected) => {
  expect(call(at(iso))).toBe(expected);
});

test('change_message takes zone, days and format by name or by position', () => {
  const time = at('2026-01-31T12:00:00Z');
  expect(call(time, { zone: 'America/New_York', days: 1, format: 'd.M.yyyy HH:mm' })).toBe('1.2.2026 07:00');
  expect(call(time, {}, ['UTC', 0, 'yyyy'])).toBe('2026');
  expect(call(time, { days: -1 })).toBe('30-01-2026 13:00:00');
});

test("change_message equals the guide's snippet except in the few hours in which the snippet is wrong", () => {
  const differing: number[] = [];
  const start = at('2025-01-01T00:00:00Z');
  for (let time = start; time < at('2031-01-01T00:00:00Z'); time += 3600) {
    if (call(time) !== snippetByHand(time)) differing.push(time);
  }
  expect(differing.length).toBeGreaterThan(0);
  const changes = [2025, 2026, 2027, 2028, 2029, 2030].flatMap((y) => [lastSunday(y, 2), lastSunday(y, 9)]);
  const distances = differing.map((time) =>
    Math.min(...changes.flatMap((change) => [Math.abs(time - change), Math.abs(time + 604_800 - change)])),
  );
  expect(Math.max(...distances)).toBeLessThanOrEqual(2 * 3600);
  // Three hours a year, in steps of an hour.
  expect(differing.length).toBeLessThanOrEqual(6 * 3);
});
