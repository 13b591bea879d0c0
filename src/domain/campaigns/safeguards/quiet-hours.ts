/** Quiet hours: times of day in which nothing is sent. Pure arithmetic on wall clocks; the time is an argument. */

import { DateTime } from 'luxon';
import { defineSafeguard, type HourRange } from '../options/option.ts';

export interface QuietHours extends HourRange {
  /** IANA name of the campaign's time zone. */
  zone: string;
  /** Customer attribute with the customer's own time zone; {@link zone} applies if it has no valid one. */
  zoneAttribute?: string;
  /** `hold` sends when the quiet hours end, `drop` skips the customer. */
  policy: 'hold' | 'drop';
}

/** Quiet hours in one customer's time zone. */
export type CustomerQuietHours = Omit<QuietHours, 'zoneAttribute'>;

export const quietHours = defineSafeguard({
  options: {
    quietHours: {
      kind: 'hours',
      label: 'Quiet hours',
      help: 'Send nothing between these two times of day.',
      example: '21:00-08:00',
    },
    timeZone: {
      kind: 'zone',
      label: 'Time zone',
      help: 'Set the time zone of the quiet hours. The default is TIME_ZONE, in a schedule its own time zone.',
      example: 'Europe/Prague',
      needs: 'quietHours',
    },
    timeZoneAttribute: {
      kind: 'attribute',
      label: 'Time zone attribute',
      help: 'Read the time zone of the quiet hours from this customer attribute, if it has a valid one.',
      example: 'zone',
      needs: 'quietHours',
    },
    inQuietHours: {
      kind: 'choice',
      choices: ['hold', 'drop'],
      label: 'In quiet hours',
      help: 'Choose what happens in quiet hours. hold: send when they end; drop: skip the customer.',
      example: 'drop',
      needs: 'quietHours',
    },
  },
  guard: (
    { quietHours: hours, timeZone, timeZoneAttribute: zoneAttribute, inQuietHours: policy = 'hold' },
    defaults,
  ): QuietHours | undefined =>
    hours === undefined
      ? undefined
      : {
          ...hours,
          zone: timeZone ?? defaults.timeZone,
          ...(zoneAttribute !== undefined && { zoneAttribute }),
          policy,
        },
});

/** Returns the milliseconds until quiet hours end, or 0 outside of them. Correct across clock changes. */
export function quietFor({ from, to, zone }: CustomerQuietHours, at: number): number {
  const now = DateTime.fromMillis(at, { zone });
  const minute = now.hour * 60 + now.minute;
  const quiet = from <= to ? minute >= from && minute < to : minute >= from || minute < to;
  if (!quiet) return 0;
  const today = now.startOf('day').set({ hour: Math.floor(to / 60), minute: to % 60 });
  const end = today > now ? today : today.plus({ days: 1 });
  return end.toMillis() - at;
}

/** Returns the quiet hours in the customer's own time zone, if the attribute holds a valid one. */
export function quietHoursOf(
  { zoneAttribute, ...hours }: QuietHours,
  attributes: Readonly<Record<string, unknown>>,
): CustomerQuietHours {
  const own = zoneAttribute === undefined ? undefined : attributes[zoneAttribute];
  return typeof own === 'string' && isZone(own) ? { ...hours, zone: own } : hours;
}

/** Returns whether it is the IANA name of a time zone. */
export function isZone(name: string): boolean {
  return DateTime.fromMillis(0, { zone: name }).isValid;
}
