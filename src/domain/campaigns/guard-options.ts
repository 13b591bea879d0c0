/** Guards as a person asks for them, by flags or in the programs file: the same names in both. */

import type { Guards, RingLimit } from './guards.ts';
import type { QuietHours } from './quiet-hours.ts';

/** Shares are from 0 to 1. */
export interface GuardWishes {
  canary?: number | undefined;
  continueAt?: number | undefined;
  pauseAt?: number | undefined;
  quietHours?: Pick<QuietHours, 'from' | 'to'> | undefined;
  timeZone?: string | undefined;
  timeZoneAttribute?: string | undefined;
  inQuietHours?: QuietHours['inThem'] | undefined;
  maxRings?: number | undefined;
  rungEnough?: RingLimit['beyond'] | undefined;
  changedOnly?: boolean | undefined;
}

/** The guards as a campaign has them; `timeZone` counts where none is asked for. */
export function guardsOf(wishes: GuardWishes, timeZone: string): Guards {
  const { canary: people, continueAt, pauseAt, quietHours, maxRings: most } = wishes;
  const { timeZoneAttribute: zoneAttribute } = wishes;
  return {
    ...(people !== undefined && { canary: { people, ...(continueAt !== undefined && { continueAt }) } }),
    ...(pauseAt !== undefined && { pauseAt }),
    ...(quietHours !== undefined && {
      quietHours: {
        ...quietHours,
        zone: wishes.timeZone ?? timeZone,
        ...(zoneAttribute !== undefined && { zoneAttribute }),
        inThem: wishes.inQuietHours ?? 'hold',
      },
    }),
    ...(most !== undefined && { rings: { most, beyond: wishes.rungEnough ?? 'skip' } }),
    ...(wishes.changedOnly === true && { changedOnly: true }),
  };
}
