import { describe, expect, it } from 'vitest';
import { quietFor, quietHoursOf } from '../../../../src/domain/campaigns/safeguards/quiet-hours.ts';

const MINUTE = 60_000;
const night = { from: 21 * 60, to: 8 * 60, zone: 'Europe/Prague', policy: 'hold' as const };
const noon = { ...night, from: 12 * 60, to: 13 * 60 + 30 };

describe('quiet hours', () => {
  it.each([
    ['overnight, at their start', night, '2026-06-10T21:00+02:00', 11 * 60],
    ['overnight, a minute before their end', night, '2026-06-11T07:59+02:00', 1],
    ['overnight, at their end', night, '2026-06-11T08:00+02:00', 0],
    ['overnight, during the day', night, '2026-06-11T20:59+02:00', 0],
    ['at noon, during', noon, '2026-06-11T12:15+02:00', 75],
    ['at noon, before', noon, '2026-06-11T11:59+02:00', 0],
    ['in another time zone', { ...night, zone: 'Asia/Tokyo' }, '2026-06-11T12:00Z', 11 * 60],
    ['in the night when clocks go forward', night, '2026-03-28T22:00+01:00', 9 * 60],
    ['in the night when clocks go back', night, '2026-10-24T22:00+02:00', 11 * 60],
  ])('end after the right time: %s', (_, hours, at, minutes) => {
    expect(quietFor(hours, Date.parse(at))).toBe(minutes * MINUTE);
  });

  it('use the customer’s time zone if it is valid', () => {
    const hours = { ...night, zoneAttribute: 'zone' };
    expect(quietHoursOf(hours, { zone: 'America/New_York' }).zone).toBe('America/New_York');
    expect(quietHoursOf(hours, { zone: 'Mars/Olympus' }).zone).toBe('Europe/Prague');
    expect(quietHoursOf(hours, {}).zone).toBe('Europe/Prague');
  });
});
