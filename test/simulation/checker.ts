/** Checks a history against what passbridge guarantees. Pure: the same history gives the same violations. */

import { finalStates } from '../../src/domain/jobs/outcome.ts';
import type { Dated, History } from './history.ts';

export const invariants = {
  'no row lost':
    'every row of a finished run has a final state, and every card that is done was saved or its loss reported',
  'no second card': 'a customer gets one card from each campaign that issues or replaces cards',
  'nothing falsely done': 'a row is done only if Passmachine has done its call',
  'nothing falsely failed':
    'a row is rejected, failed or skipped only if Passmachine has made no card for it',
  'nothing falsely unknown':
    'a row is unknown only if a call for it was answered without proof, or its process was disturbed',
  'proof beats doubt': 'a row is done if its card was answered to a process that lived to record it',
  'the cap holds': 'the calls in flight never exceed the cap',
  'the newest card wins': 'Bloomreach holds the newest card of each customer',
  'the notification limit holds': 'no card is notified more often in 24 hours than its limit',
  'a pause is silent': 'no call begins later than two seconds after its campaign was halted',
  'the counters add up': 'the counters of the states add up to the settled rows, at every step',
  'every voucher once': 'no voucher code is on two cards',
} as const;

export type Invariant = keyof typeof invariants;

export interface Violation {
  invariant: Invariant;
  /** One sentence. */
  problem: string;
}

/** Returns at most one violation of each invariant: the first. */
export function checkHistory(history: History): Violation[] {
  const violations: Violation[] = [];
  for (const [invariant, check] of Object.entries(checks) as [Invariant, Check][]) {
    const problem = check(history);
    if (problem !== undefined) violations.push({ invariant, problem });
  }
  return violations;
}

/** Returns the first problem. */
type Check = (history: History) => string | undefined;

type Kind<K extends Dated['kind']> = Extract<Dated, { kind: K }>;

function eventsOf<K extends Dated['kind']>({ events }: Pick<History, 'events'>, kind: K): Kind<K>[] {
  return events.filter((event): event is Kind<K> => event.kind === kind);
}

/** A pause takes effect within this time, ms. */
const PAUSE_MS = 2000;
const DAY_MS = 86_400_000;

const jobOf = ({ campaign, row }: { campaign: string; row: number }) => `${campaign}-${row}`;

const checks: Readonly<Record<Invariant, Check>> = {
  'no row lost': ({ rows, saved }) => {
    const open = rows.find(({ state }) => state === undefined);
    if (open !== undefined) return `${jobOf(open)} has no final state`;
    const unsaved = rows.find(
      ({ state, action, customer, isWriteBackFailed }) =>
        state === 'done' && action === 'create' && !isWriteBackFailed && !saved.has(customer),
    );
    return unsaved && `the card of ${jobOf(unsaved)} was not saved`;
  },

  'no second card': (history) => {
    const cards = groupBy(eventsOf(history, 'card-made'), ({ customer }) => customer);
    for (const [customer, made] of cards) {
      if (made.length > history.cardsPerCustomer) {
        return `${customer} got ${made.length} cards: ${made.map(({ card, job }) => `${card} by ${job}`).join(', ')}`;
      }
      const twice = [...groupBy(made, ({ job }) => job)].find(([, ofJob]) => ofJob.length > 1);
      if (twice !== undefined) return `${twice[0]} made ${twice[1].length} cards`;
    }
    return undefined;
  },

  'nothing falsely done': (history) => {
    const effects = new Set(
      [...eventsOf(history, 'card-made'), ...eventsOf(history, 'card-changed')].map(({ job }) => job),
    );
    const row = history.rows.find((one) => one.state === 'done' && !effects.has(jobOf(one)));
    return row && `${jobOf(row)} is done, but Passmachine has not done it`;
  },

  'nothing falsely failed': (history) => {
    const made = new Set(eventsOf(history, 'card-made').map(({ job }) => job));
    const row = history.rows.find(
      (one) =>
        one.state !== undefined && one.state !== 'done' && one.state !== 'unknown' && made.has(jobOf(one)),
    );
    return row && `${jobOf(row)} is ${row.state}, but its card was made`;
  },

  'nothing falsely unknown': (history) => {
    const began = eventsOf(history, 'call-began');
    const answers = new Map(eventsOf(history, 'call-ended').map(({ call, answer }) => [call, answer]));
    const unknown = history.rows.filter(({ state }) => state === 'unknown');
    if (eventsOf(history, 'fault').length > 0) return undefined;
    const row = unknown.find(
      (one) => !began.some(({ call, job }) => job === jobOf(one) && isDoubtful(answers.get(call))),
    );
    return row && `${jobOf(row)} is unknown, but each of its calls has a proof`;
  },

  'proof beats doubt': (history) => {
    const ended = new Map(eventsOf(history, 'call-ended').map((event) => [event.call, event]));
    const crashes = eventsOf(history, 'fault').filter(({ fault }) => fault.startsWith('crash'));
    const proven = new Set(
      eventsOf(history, 'call-began')
        .filter(({ call, process }) => {
          const end = ended.get(call);
          return end?.hasProof === true && !crashes.some((crash) => crash.process === process);
        })
        .map(({ job }) => job),
    );
    const row = history.rows.find(
      (one) => one.action === 'create' && one.state !== 'done' && proven.has(jobOf(one)),
    );
    return row && `${jobOf(row)} is ${row.state ?? 'open'}, but its worker got the card`;
  },

  'the cap holds': ({ events, cap }) => {
    const inFlight = new Set<number>();
    for (const event of events) {
      if (event.kind === 'call-ended') inFlight.delete(event.call);
      if (event.kind !== 'call-began') continue;
      inFlight.add(event.call);
      if (inFlight.size > cap)
        return `${inFlight.size} calls are in flight at ${event.at.toFixed(1)}, the cap is ${cap}`;
    }
    return undefined;
  },

  'the newest card wins': (history) => {
    const done = new Set(
      history.rows
        .filter(({ state, isWriteBackFailed }) => state === 'done' && !isWriteBackFailed)
        .map(jobOf),
    );
    const newest = new Map<string, { card: string; job: string }>();
    for (const event of eventsOf(history, 'card-made')) newest.set(event.customer, event);
    for (const [customer, { card, job }] of newest) {
      const held = history.saved.get(customer);
      if (done.has(job) && held !== card)
        return `Bloomreach holds ${held ?? 'no card'} of ${customer}, but ${card} is newer`;
    }
    return undefined;
  },

  'the notification limit holds': (history) => {
    const { notificationLimit: limit, rows } = history;
    if (limit === undefined) return undefined;
    const done = new Set(rows.filter(({ state }) => state === 'done').map(jobOf));
    const notified = eventsOf(history, 'card-changed').filter(
      ({ notifies, job }) => notifies && done.has(job),
    );
    for (const [card, changes] of groupBy(notified, (change) => change.card)) {
      // A repeated PATCH changes nothing, so it shows nothing.
      const firsts = [...groupBy(changes, ({ job }) => job).values()].map(([first]) => first!.at);
      const crowded = firsts.find((at, nth) => nth >= limit && at - firsts[nth - limit]! < DAY_MS);
      if (crowded !== undefined)
        return `${card} was notified more than ${limit} times in the day before ${crowded.toFixed(1)}`;
    }
    return undefined;
  },

  'a pause is silent': ({ events }) => {
    const halted = new Map<string, number>();
    for (const event of events) {
      if (event.kind === 'halted') halted.set(event.campaign, event.at);
      else if (event.kind === 'resumed') halted.delete(event.campaign);
      else if (event.kind === 'call-began') {
        const since = halted.get(event.job.slice(0, event.job.lastIndexOf('-')));
        if (since !== undefined && event.at - since > PAUSE_MS) {
          return `a call for ${event.job} began ${Math.round(event.at - since)} ms after its campaign was halted`;
        }
      }
    }
    return undefined;
  },

  'the counters add up': (history) => {
    for (const { at, campaign, read, settled, states } of eventsOf(history, 'counters')) {
      const sum = finalStates.reduce((total, state) => total + states[state], 0);
      if (sum !== settled)
        return `the counters of ${campaign} add up to ${sum} at ${at.toFixed(1)}, but ${settled} rows are settled`;
      if (settled > read)
        return `${settled} rows of ${campaign} are settled at ${at.toFixed(1)}, but only ${read} were read`;
      const negative = finalStates.find((state) => states[state] < 0);
      if (negative !== undefined)
        return `counter ${negative} of ${campaign} is ${states[negative]} at ${at.toFixed(1)}`;
    }
    return undefined;
  },

  'every voucher once': (history) => {
    const cards = groupBy(eventsOf(history, 'card-made'), ({ voucher }) => voucher);
    const shared = [...cards].find(([voucher, made]) => voucher !== undefined && made.length > 1);
    return shared && `voucher ${shared[0]} is on ${shared[1].map(({ card }) => card).join(' and ')}`;
  },
};

/** Whether a call with this answer may have made its card. */
function isDoubtful(answer: number | undefined): boolean {
  return answer === undefined || answer >= 500 || answer < 400;
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
