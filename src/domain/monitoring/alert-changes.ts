/**
 * Decides when a channel is notified of alerts: when the set of alerts changes, never per job. Alerts that
 * last only seconds are ignored, and while much changes, one message covers all changes.
 */

import type { Alert } from './overview.ts';

/** An alert since it first occurred; times in ms. */
interface TrackedAlert {
  alert: Alert;
  since: number;
  lastSeenAt: number;
  /** Whether a message about it was sent. */
  isNotified: boolean;
}

/** The alerts that one channel was notified of so far. */
export interface AlertWatch {
  alerts: readonly TrackedAlert[];
  /** When the last message was sent. */
  notifiedAt?: number;
}

/** One message to a channel. */
export interface AlertChange {
  /**
   * `opened`: the first alerts. `worsened`: more alerts. `improved`: some alerts resolved, others are
   * active. `resolved`: no alert is active.
   */
  kind: 'opened' | 'worsened' | 'improved' | 'resolved';
  at: number;
  active: (Alert & { since: number })[];
  /** Alerts of earlier messages that are no longer active. */
  resolved: Alert[];
}

/** Alerts that last for less time are ignored. */
const OPEN_AFTER_MS = 10_000;
/** An alert without a message is forgotten only after it has been absent for this long. */
const FORGET_AFTER_MS = 15_000;
/** An alert with a message resolves only after it has been absent for this long. */
const RESOLVE_AFTER_MS = 60_000;
/** Minimum time between messages; a message that everything is resolved is sent immediately. */
const COOLDOWN_MS = 15 * 60_000;

export const emptyWatch: AlertWatch = { alerts: [] };

/** Compares the current alerts with a channel's. Returns its next state and the message to send, if any. */
export function trackAlerts(
  { alerts: before, notifiedAt }: AlertWatch,
  current: readonly Alert[],
  now: number,
): { watch: AlertWatch; change?: AlertChange } {
  const tracked = [
    ...current.map((alert): TrackedAlert => {
      const known = before.find((other) => keyOf(other.alert) === keyOf(alert));
      return {
        alert,
        since: known?.since ?? now,
        lastSeenAt: now,
        isNotified: known?.isNotified ?? false,
      };
    }),
    ...before.filter(({ alert }) => current.every((other) => keyOf(other) !== keyOf(alert))),
  ];
  const isGone = ({ lastSeenAt, isNotified }: TrackedAlert) =>
    now - lastSeenAt >= (isNotified ? RESOLVE_AFTER_MS : FORGET_AFTER_MS);
  const isOpen = ({ since, lastSeenAt }: TrackedAlert) => lastSeenAt === now && now - since >= OPEN_AFTER_MS;

  const resolved = tracked.filter((one) => one.isNotified && isGone(one));
  const opened = tracked.filter((one) => !one.isNotified && isOpen(one));
  const stillActive = tracked.filter((one) => one.isNotified && !isGone(one));
  const kept = tracked.filter((one) => one.isNotified || !isGone(one));
  const unchanged = { alerts: kept, ...(notifiedAt !== undefined && { notifiedAt }) };
  const isAllClear = stillActive.length === 0 && opened.length === 0;
  const isCoolingDown = notifiedAt !== undefined && now - notifiedAt < COOLDOWN_MS;
  if (resolved.length + opened.length === 0 || (isCoolingDown && !(isAllClear && resolved.length > 0))) {
    return { watch: unchanged };
  }

  const active = [...stillActive, ...opened].map(({ alert, since, lastSeenAt }) => ({
    alert,
    since,
    lastSeenAt,
    isNotified: true,
  }));
  const pending = kept.filter((one) => !one.isNotified && !opened.includes(one));
  return {
    watch: { alerts: [...active, ...pending], notifiedAt: now },
    change: {
      kind: kindOf({
        isAllClear,
        wasAllClear: stillActive.length + resolved.length === 0,
        opened: opened.length,
      }),
      at: now,
      active: active.map(({ alert, since }) => Object.assign({ since }, alert)),
      resolved: resolved.map(({ alert }) => alert),
    },
  };
}

function kindOf(state: { isAllClear: boolean; wasAllClear: boolean; opened: number }): AlertChange['kind'] {
  if (state.isAllClear) return 'resolved';
  if (state.wasAllClear) return 'opened';
  return state.opened > 0 ? 'worsened' : 'improved';
}

/** Identifies an alert regardless of its current text. */
function keyOf({ code, about = '' }: Alert): string {
  return `${code} ${about}`;
}
