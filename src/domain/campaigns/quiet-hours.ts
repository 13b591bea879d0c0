/** Hours in which no phone is to ring. Pure arithmetic on wall clocks; the time is an argument. */

import { DateTime } from 'luxon';

export interface QuietHours {
  /** Minutes after midnight; `from` after `to` means over night. */
  from: number;
  to: number;
  /** IANA name of the campaign's time zone. */
  zone: string;
  /** Customer attribute with a time zone of their own; {@link zone} counts where it holds none. */
  zoneAttribute?: string;
  /** Sent when they end, or not at all. */
  inThem: 'hold' | 'drop';
}

/** Quiet hours as one customer has them. */
export type QuietHoursOfOne = Omit<QuietHours, 'zoneAttribute'>;

/** Milliseconds until quiet hours end; 0 where it is none now. Right over clock changes, too. */
export function quietFor({ from, to, zone }: QuietHoursOfOne, at: number): number {
  const now = DateTime.fromMillis(at, { zone });
  const minute = now.hour * 60 + now.minute;
  const quiet = from <= to ? minute >= from && minute < to : minute >= from || minute < to;
  if (!quiet) return 0;
  const today = now.startOf('day').set({ hour: Math.floor(to / 60), minute: to % 60 });
  const end = today > now ? today : today.plus({ days: 1 });
  return end.toMillis() - at;
}

/** In the customer's own time zone, where they have one that is known. */
export function quietHoursOf(
  { zoneAttribute, ...hours }: QuietHours,
  attributes: Readonly<Record<string, unknown>>,
): QuietHoursOfOne {
  const own = zoneAttribute === undefined ? undefined : attributes[zoneAttribute];
  return typeof own === 'string' && isZone(own) ? { ...hours, zone: own } : hours;
}

/** Whether it is the IANA name of a time zone. */
export function isZone(name: string): boolean {
  return DateTime.utc().setZone(name).isValid;
}
