/** Guards as a person asks for them, by flags or in the programs file: the same names in both. */

import type { Guards, NotificationLimit } from './guards.ts';
import type { QuietHours } from './quiet-hours.ts';

/** Shares are from 0 to 1. */
export interface GuardOptions {
  canary?: number | undefined;
  continueAt?: number | undefined;
  pauseAt?: number | undefined;
  quietHours?: Pick<QuietHours, 'from' | 'to'> | undefined;
  timeZone?: string | undefined;
  timeZoneAttribute?: string | undefined;
  inQuietHours?: QuietHours['inThem'] | undefined;
  maxNotificationsPerDay?: number | undefined;
  overLimit?: NotificationLimit['beyond'] | undefined;
  changedOnly?: boolean | undefined;
}

/** The guards as a campaign has them; `timeZone` counts where none is asked for. */
export function guardsOf(options: GuardOptions, timeZone: string): Guards {
  const { canary: people, continueAt, pauseAt, quietHours, maxNotificationsPerDay: most } = options;
  const { timeZoneAttribute: zoneAttribute } = options;
  return {
    ...(people !== undefined && { canary: { people, ...(continueAt !== undefined && { continueAt }) } }),
    ...(pauseAt !== undefined && { pauseAt }),
    ...(quietHours !== undefined && {
      quietHours: {
        ...quietHours,
        zone: options.timeZone ?? timeZone,
        ...(zoneAttribute !== undefined && { zoneAttribute }),
        inThem: options.inQuietHours ?? 'hold',
      },
    }),
    ...(most !== undefined && { rings: { most, beyond: options.overLimit ?? 'skip' } }),
    ...(options.changedOnly === true && { changedOnly: true }),
  };
}
