import { describe, expect, it } from 'vitest';
import { quietFor, quietHoursOf } from '../../../src/domain/campaigns/quiet-hours.ts';

const MINUTE = 60_000;
const night = { from: 21 * 60, to: 8 * 60, zone: 'Europe/Prague', inThem: 'hold' as const };
const noon = { ...night, from: 12 * 60, to: 13 * 60 + 30 };

describe('quiet hours', () => {
  it.each([
    ['over night, in the evening', night, '2026-06-10T21:00+02:00', 11 * 60],
    ['over night, in the morning', night, '2026-06-11T07:59+02:00', 1],
    ['over night, at their end', night, '2026-06-11T08:00+02:00', 0],
    ['over night, by day', night, '2026-06-11T20:59+02:00', 0],
    ['at noon, within', noon, '2026-06-11T12:15+02:00', 75],
    ['at noon, before', noon, '2026-06-11T11:59+02:00', 0],
    ['elsewhere', { ...night, zone: 'Asia/Tokyo' }, '2026-06-11T12:00Z', 11 * 60],
    ['in the night that loses an hour', night, '2026-03-28T22:00+01:00', 9 * 60],
    ['in the night that wins an hour', night, '2026-10-24T22:00+02:00', 11 * 60],
  ])('%s', (_, hours, at, minutes) => {
    expect(quietFor(hours, Date.parse(at))).toBe(minutes * MINUTE);
  });

  it('are in the customer’s zone where it is known', () => {
    const hours = { ...night, zoneAttribute: 'zone' };
    expect(quietHoursOf(hours, { zone: 'America/New_York' }).zone).toBe('America/New_York');
    expect(quietHoursOf(hours, { zone: 'Mars/Olympus' }).zone).toBe('Europe/Prague');
    expect(quietHoursOf(hours, {}).zone).toBe('Europe/Prague');
  });
});
