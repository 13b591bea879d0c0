/** Each invariant finds its planted violation, and an orderly history violates none. */

import { describe, expect, it } from 'vitest';
import { checkHistory, type Invariant, invariants } from './checker.ts';
import type { Dated, History, HistoryEvent, RowEnd } from './history.ts';

const states = { done: 1, skipped: 0, rejected: 0, failed: 0, unknown: 0 };

function row(change: Partial<RowEnd> = {}): RowEnd {
  return {
    campaign: 'a',
    row: 1,
    customer: 'c1',
    action: 'create',
    state: 'done',
    isWriteBackFailed: false,
    ...change,
  };
}

/** Dates events one millisecond after the other. */
function dated(...events: (HistoryEvent & { at?: number })[]): Dated[] {
  return events.map((event, nth) => Object.assign({ at: nth }, event));
}

const began = (call: number, job = 'a-1'): HistoryEvent => ({
  kind: 'call-began',
  call,
  process: 'p1',
  job,
  action: 'create',
});
const made = (
  call: number,
  card: string,
  change: { job?: string; voucher?: string; customer?: string } = {},
) => ({ kind: 'card-made', call, job: 'a-1', customer: 'c1', card, ...change }) as const;
const ended = (call: number, answer = 200): HistoryEvent => ({
  kind: 'call-ended',
  call,
  answer,
  hasProof: answer === 200,
});
const notified = (job: string, at: number) =>
  ({ kind: 'card-changed', call: 1, job, card: 'k1', notifies: true, at }) as const;

const orderly: History = {
  events: dated(began(1), made(1, 'k1'), ended(1), { kind: 'saved', customer: 'c1', card: 'k1' }),
  rows: [row()],
  saved: new Map([['c1', 'k1']]),
  cap: 1,
  notificationLimit: 1,
  cardsPerCustomer: 1,
};

const notifications = ['n-1', 'm-1'].map((id) =>
  row({ campaign: id.slice(0, 1), action: 'notify', card: 'k1' }),
);

const violations: Record<Invariant, Partial<History>> = {
  'no row lost': { rows: [row({ state: undefined })] },
  'no second card': {
    events: dated(began(1), made(1, 'k0'), ended(1, 502), began(2), made(2, 'k1'), ended(2)),
  },
  'nothing falsely done': { events: dated(began(1), ended(1, 422)) },
  'nothing falsely failed': { rows: [row({ state: 'rejected' })] },
  'nothing falsely unknown': {
    events: dated(began(1), ended(1, 422)),
    rows: [row({ state: 'unknown' })],
  },
  'proof beats doubt': { rows: [row({ state: 'unknown' })] },
  'the cap holds': { events: dated(began(1), began(2, 'a-2'), made(1, 'k1'), ended(1), ended(2, 422)) },
  'the newest card wins': { saved: new Map([['c1', 'k0']]) },
  'the notification limit holds': {
    events: dated(notified('n-1', 0), notified('m-1', 1000)),
    rows: notifications,
  },
  'a pause is silent': {
    events: dated({ kind: 'halted', campaign: 'a' }, { ...began(1), at: 2100 }, made(1, 'k1'), ended(1)),
  },
  'the counters add up': {
    events: [...orderly.events, ...dated({ kind: 'counters', campaign: 'a', read: 2, settled: 2, states })],
  },
  'every voucher once': {
    events: dated(
      made(1, 'k1', { voucher: 'v' }),
      made(2, 'k2', { job: 'a-2', customer: 'c2', voucher: 'v' }),
    ),
  },
};

describe('the checker of histories', () => {
  it('finds nothing in an orderly history', () => {
    expect(checkHistory(orderly)).toEqual([]);
  });

  it.each(Object.keys(invariants) as Invariant[])('finds the planted violation of: %s', (invariant) => {
    const found = checkHistory({ ...orderly, ...violations[invariant] });
    expect(found.map((violation) => violation.invariant)).toContain(invariant);
  });

  it('counts a repeated PATCH of one job as one notification', () => {
    const events = dated(notified('n-1', 0), notified('n-1', 10_000));
    expect(checkHistory({ ...orderly, events, rows: notifications.slice(0, 1) })).toEqual([]);
  });

  it('accepts two notifications of a card that are a day apart', () => {
    const events = dated(notified('n-1', 0), notified('m-1', 86_400_000));
    expect(checkHistory({ ...orderly, events, rows: notifications })).toEqual([]);
  });

  it('accepts an unknown row of a process that died', () => {
    const events = dated(began(1), made(1, 'k1'), { kind: 'fault', process: 'p1', fault: 'crash 1' });
    expect(checkHistory({ ...orderly, events, rows: [row({ state: 'unknown' })] })).toEqual([]);
  });
});
