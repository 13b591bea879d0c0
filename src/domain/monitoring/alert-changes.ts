/**
 * When a person is told of what is wrong: on a change, never for each job. What comes and goes within
 * seconds is no news, and while much changes, one message tells of all of it.
 */

import type { Alert } from './overview.ts';

/** What is known of an alert since it turned up; times in ms. */
interface StandingAlert {
  alert: Alert;
  since: number;
  seenAt: number;
  /** Whether somebody was told of it. */
  told: boolean;
}

/** What a channel was told so far. */
export interface AlertWatch {
  standing: readonly StandingAlert[];
  /** When the last message went out. */
  toldAt?: number;
}

/**
 * `opened`: something is wrong, and nothing was; `worse`: more is; `better`: some of it is over;
 * `recovered`: all of it is.
 */
export interface AlertNews {
  kind: 'opened' | 'worse' | 'better' | 'recovered';
  at: number;
  /** What is wrong now. */
  standing: (Alert & { since: number })[];
  /** What was told of and is over. */
  over: Alert[];
}

/** What lasts less long is no news. */
const OPEN_AFTER_MS = 10_000;
/** What is away for less long has not ended: where nobody was told of it, and where somebody was. */
const FORGOTTEN_AFTER_MS = 15_000;
const OVER_AFTER_MS = 60_000;
/** After a message there is silence for so long, unless all is well again. */
const SILENCE_MS = 15 * 60_000;

export const nothingWatched: AlertWatch = { standing: [] };

/** One look at the alerts there are: what is watched from now on, and what there is to tell. */
export function lookAtAlerts(
  { standing: before, toldAt }: AlertWatch,
  alerts: readonly Alert[],
  now: number,
): { watch: AlertWatch; news?: AlertNews } {
  const standing = [
    ...alerts.map((alert): StandingAlert => {
      const known = before.find((other) => keyOf(other.alert) === keyOf(alert));
      return { alert, since: known?.since ?? now, seenAt: now, told: known?.told ?? false };
    }),
    ...before.filter(({ alert }) => alerts.every((other) => keyOf(other) !== keyOf(alert))),
  ];
  const isOver = ({ seenAt, told }: StandingAlert) =>
    now - seenAt >= (told ? OVER_AFTER_MS : FORGOTTEN_AFTER_MS);
  const isOpen = ({ since, seenAt }: StandingAlert) => seenAt === now && now - since >= OPEN_AFTER_MS;

  const over = standing.filter((one) => one.told && isOver(one));
  const opened = standing.filter((one) => !one.told && isOpen(one));
  const told = standing.filter((one) => one.told && !isOver(one));
  const kept = standing.filter((one) => one.told || !isOver(one));
  const unchanged = { standing: kept, ...(toldAt !== undefined && { toldAt }) };
  const isWell = told.length === 0 && opened.length === 0;
  const isSilent = toldAt !== undefined && now - toldAt < SILENCE_MS;
  if (over.length + opened.length === 0 || (isSilent && !(isWell && over.length > 0))) {
    return { watch: unchanged };
  }

  const nowTold = [...told, ...opened].map(({ alert, since, seenAt }) => ({
    alert,
    since,
    seenAt,
    told: true,
  }));
  const waiting = kept.filter((one) => !one.told && !opened.includes(one));
  return {
    watch: { standing: [...nowTold, ...waiting], toldAt: now },
    news: {
      kind: kindOf({ isWell, wasWell: told.length + over.length === 0, opened: opened.length }),
      at: now,
      standing: nowTold.map(({ alert, since }) => Object.assign({ since }, alert)),
      over: over.map(({ alert }) => alert),
    },
  };
}

function kindOf(state: { isWell: boolean; wasWell: boolean; opened: number }): AlertNews['kind'] {
  if (state.isWell) return 'recovered';
  if (state.wasWell) return 'opened';
  return state.opened > 0 ? 'worse' : 'better';
}

/** The same trouble, whatever its words are by now. */
function keyOf({ code, about = '' }: Alert): string {
  return `${code} ${about}`;
}
