/** A store that went back in time: a backup was restored, or Redis lost its data. What it forgot must not be repeated. */

import type { CampaignWork, Halt } from './campaign.ts';

/**
 * `went-back`: Redis has an earlier state than passbridge has seen. `lost`: it has no state at all. `copied`: the files
 * of a private Redis were copied from elsewhere, so they may be old. `declared`: an operator restored a backup. `repaired`: the
 * damaged end of the private Redis' file was removed.
 */
export type RestoredCause = 'went-back' | 'lost' | 'copied' | 'declared' | 'repaired';

/** How the store was found; also the halt of each campaign that is held because of it. */
export interface RestoredNotice extends Halt {
  kind: 'restored';
  cause: RestoredCause;
  /** State that the store went back to, ms since 1970; absent if it is unknown or empty. */
  storedAt?: number;
}

/** A notice, and the programs for which it was settled who has a card, with the time (ms since 1970). */
export interface OpenNotice {
  notice: RestoredNotice;
  reconciled: ReadonlyMap<string, number>;
}

/** Actions that a customer would notice twice. Repeating an update changes nothing, and events are recognized. */
export const repeatableActions = ['issue', 'reissue', 'notify'] as const satisfies CampaignWork[];

/** Times (ms since 1970) of the latest work: that the store knows of, and that was seen outside of it. */
interface LostPeriod {
  storedAt?: number | undefined;
  seenAt?: number | undefined;
}

/** Returns the notice that operators read in the log, in `status` and on the dashboard. */
export function restoredNotice(
  cause: RestoredCause,
  { storedAt, seenAt }: LostPeriod,
  at: number,
): RestoredNotice {
  return {
    kind: 'restored',
    cause,
    ...(storedAt !== undefined && cause !== 'lost' && { storedAt }),
    by: 'passbridge',
    at,
    reason: `${problem(cause, storedAt, seenAt)} ${NEXT}`,
  };
}

const NEXT =
  'Cards made since are unknown here. Run `passbridge reconcile PROGRAM EXPORT` with a new export of the customers, then resume.';

function problem(cause: RestoredCause, storedAt?: number, seenAt?: number): string {
  const seen = seenAt === undefined ? '' : `, but passbridge worked until ${iso(seenAt)}`;
  switch (cause) {
    case 'went-back':
      return `Redis went back to its state of ${storedAt === undefined ? 'an earlier time' : iso(storedAt)}${seen}.`;
    case 'lost':
      return `Redis lost its data${seen}.`;
    case 'copied':
      return 'The files of the private Redis were copied here, so they may be older than the latest work.';
    case 'declared':
      return `The data was restored from a backup${storedAt === undefined ? '' : ` of ${iso(storedAt)}`}.`;
    case 'repaired':
      return `The file of the private Redis was damaged at its end, and repaired${storedAt === undefined ? '' : ` to its state of ${iso(storedAt)}`}.`;
  }
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
