/**
 * Counts what the stand-in server saw: calls, customers, write-backs, and calls in flight over time. The clock runs
 * from the arrival of the last warm-up call to the arrival of the last expected call, so that neither the startup of
 * a contestant nor its last responses count.
 */

/**
 * `started`: the clock starts. `finished`: the last expected call arrived. `writtenBack`: the last result did.
 * @typedef {'started' | 'finished' | 'writtenBack'} Milestone
 */

/** @typedef {ReturnType<ReturnType<typeof makeTally>['figures']>} Figures */

/** Counts `warmUp` unmeasured calls, then `calls` measured ones. Instants are milliseconds. */
export function makeTally({ warmUp, calls }) {
  const total = warmUp + calls;
  /** @type {Map<string, number>} */
  const creates = new Map();
  /** @type {Map<string, string>} */
  const cards = new Map();
  const writtenBack = new Set();
  let arrived = 0;
  let inFlight = 0;
  let maxInFlight = 0;
  let batches = 0;
  let wrong = 0;
  let repeated = 0;
  /** Call-milliseconds between start and finish, as of `sampledAt`. */
  let busy = 0;
  let sampledAt = 0;
  /** The longest time without a call while the clock ran. */
  let longestGap = 0;
  let arrivedAt = 0;
  /** @type {number | undefined} */
  let startedAt;
  /** @type {number | undefined} */
  let finishedAt;
  /** @type {number | undefined} */
  let writtenBackAt;

  const sample = (now) => {
    if (startedAt !== undefined && finishedAt === undefined) busy += inFlight * (now - sampledAt);
    sampledAt = now;
  };

  return {
    /**
     * Counts an arriving call.
     * @param {number} now
     * @returns {Milestone | undefined}
     */
    arrive(now) {
      sample(now);
      if (startedAt !== undefined) longestGap = Math.max(longestGap, now - arrivedAt);
      arrivedAt = now;
      arrived += 1;
      inFlight += 1;
      maxInFlight = Math.max(maxInFlight, inFlight);
      if (arrived === Math.max(1, warmUp)) {
        startedAt = now;
        return 'started';
      }
      if (arrived !== total) return undefined;
      finishedAt = now;
      return 'finished';
    },
    /** Counts the end of a call. */
    leave(now) {
      sample(now);
      inFlight -= 1;
    },
    created(customer, card) {
      creates.set(customer, (creates.get(customer) ?? 0) + 1);
      cards.set(card, customer);
    },
    batch() {
      batches += 1;
    },
    /**
     * Counts the write-back of one result.
     * @param {string} customer
     * @param {string} card
     * @param {number} now
     * @returns {Milestone | undefined}
     */
    wroteBack(customer, card, now) {
      if (cards.get(card) !== customer) wrong += 1;
      else if (writtenBack.has(customer)) repeated += 1;
      else {
        writtenBack.add(customer);
        if (writtenBack.size === total) {
          writtenBackAt = now;
          return 'writtenBack';
        }
      }
      return undefined;
    },
    figures() {
      const span = startedAt === undefined || finishedAt === undefined ? undefined : finishedAt - startedAt;
      return {
        arrived,
        customers: creates.size,
        duplicated: [...creates.values()].filter((count) => count > 1).length,
        /** Customers without a written-back card. */
        lost: total - writtenBack.size,
        repeated,
        wrong,
        batches,
        maxInFlight,
        gapSeconds: longestGap / 1000,
        /** From the start of the clock to the last write-back. */
        writtenBackSeconds:
          writtenBackAt === undefined || startedAt === undefined
            ? undefined
            : (writtenBackAt - startedAt) / 1000,
        /** Average over time. */
        inFlight: span === undefined ? undefined : busy / span,
        callsPerSecond: span === undefined ? undefined : (calls * 1000) / span,
      };
    },
  };
}
