import { expect, it } from 'vitest';
import {
  formatCount,
  formatDuration,
  formatPercent,
  formatTimeLeft,
} from '../../../src/domain/presentation/format.ts';

const HOUR_MS = 3_600_000;

it.each([
  [40_000, '40 s'],
  [89_000, '89 s'],
  [90_000, '2 min'],
  [12 * 60_000, '12 min'],
  [2 * HOUR_MS, '2 h'],
  [3.5 * HOUR_MS, '3.5 h'],
  [24 * HOUR_MS, '24 h'],
  [96 * HOUR_MS, '4 days'],
])('formats %d ms as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it('formats a range of durations only if both ends read differently', () => {
  expect(formatTimeLeft({ min: 60_000, max: 180_000 })).toBe('60 s to 3 min');
  expect(formatTimeLeft({ min: 40_100, max: 40_200 })).toBe('40 s');
});

it('formats counts with a noun in the right number', () => {
  expect([1, 0, 1204].map((count) => formatCount(count, 'row'))).toEqual(['1 row', '0 rows', '1,204 rows']);
  expect(formatCount(2, 'entry', 'entries')).toBe('2 entries');
});

it('formats shares below ten percent with a decimal', () => {
  expect([0.0234, 0.12].map((share) => formatPercent(share))).toEqual(['2.3\u00a0%', '12\u00a0%']);
});
