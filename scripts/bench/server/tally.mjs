/**
 * What the stand-in server saw: calls, customers, write-backs, and how many calls were in flight over
 * time. The clock runs from the arrival of the last warm-up call to the arrival of the last call that
 * was asked for, so that neither a contestant's start nor its last answers count.
 */

/** `warmUp` of the calls come first and do not count, `calls` do. Instants are milliseconds. */
export function makeTally({ warmUp, calls }) {
  const total = warmUp + calls;
  const creates = new Map();
  const cards = new Map();
  const home = new Set();
  let arrived = 0;
  let inFlight = 0;
  let most = 0;
  let batches = 0;
  let wrong = 0;
  let repeated = 0;
  /** Call-milliseconds between begin and end, and when it was last added to. */
  let busy = 0;
  let lookedAt = 0;
  /** The longest that no call came, once the clock ran. */
  let longestGap = 0;
  let arrivedAt;
  let begunAt;
  let endedAt;
  let homeAt;

  const look = (now) => {
    if (begunAt !== undefined && endedAt === undefined) busy += inFlight * (now - lookedAt);
    lookedAt = now;
  };

  return {
    /** A call comes in; says which moment it is, if it is one. */
    arrive(now) {
      look(now);
      if (begunAt !== undefined) longestGap = Math.max(longestGap, now - arrivedAt);
      arrivedAt = now;
      arrived += 1;
      inFlight += 1;
      most = Math.max(most, inFlight);
      if (arrived === Math.max(1, warmUp)) {
        begunAt = now;
        return 'begun';
      }
      if (arrived !== total) return undefined;
      endedAt = now;
      return 'ended';
    },
    leave(now) {
      look(now);
      inFlight -= 1;
    },
    created(customer, card) {
      creates.set(customer, (creates.get(customer) ?? 0) + 1);
      cards.set(card, customer);
    },
    batch() {
      batches += 1;
    },
    /** A write-back; says when it was the last that was missing. */
    wroteBack(customer, card, now) {
      if (cards.get(card) !== customer) wrong += 1;
      else if (home.has(customer)) repeated += 1;
      else {
        home.add(customer);
        if (home.size === total) {
          homeAt = now;
          return 'home';
        }
      }
      return undefined;
    },
    figures() {
      return {
        arrived,
        customers: creates.size,
        doubled: [...creates.values()].filter((count) => count > 1).length,
        /** Customers of whom no card came home. */
        lost: total - home.size,
        repeated,
        wrong,
        batches,
        mostInFlight: most,
        gapSeconds: longestGap / 1000,
        /** From the same begin to the last write-back. */
        homeSeconds: homeAt === undefined ? undefined : (homeAt - begunAt) / 1000,
        ...(endedAt !== undefined && {
          inFlight: busy / (endedAt - begunAt),
          callsPerSecond: (calls * 1000) / (endedAt - begunAt),
        }),
      };
    },
  };
}
