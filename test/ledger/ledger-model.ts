/**
 * A model of the ledger in plain maps, without Redis: one campaign, any number of jobs. Tests compare the answers and
 * the contents of the real ledger with it.
 */

import type { CampaignStatus, HaltedStatus } from '../../src/domain/campaigns/campaign.ts';
import { finalStates, type FinalState } from '../../src/domain/jobs/outcome.ts';
import type { ClaimAnswer, SettleResult } from '../../src/domain/jobs/settlement.ts';
import type { ParkResult } from '../../src/ledger/jobs/parked-jobs.ts';

export type End = FinalState;

/** The observable state of a ledger. */
export interface View {
  counters: Record<
    FinalState | 'rows' | 'stopped' | 'pending' | 'writeBacks' | 'writtenBack' | 'writeBackFailures',
    number
  >;
  /** Rows that have ended. */
  ended: number[];
  /** Failed rows, with the state that they are counted in. */
  failed: Record<string, FinalState>;
  parked: number[];
  status: CampaignStatus;
  /** Rows with a pending write-back, and whether it is due. */
  outbox: Record<string, boolean>;
  /** Rows whose write-back was given up. */
  givenUp: number[];
}

export type LedgerModel = ReturnType<typeof makeLedgerModel>;

/** `customerOf`: the customer of a row. */
export function makeLedgerModel(customerOf: (row: number) => string) {
  let rows = 0;
  let writeBacks = 0;
  let writtenBack = 0;
  const ended = new Map<number, FinalState>();
  const failed = new Map<number, FinalState>();
  const parked = new Set<number>();
  let status: CampaignStatus = 'running';
  /** Whether each write-back is due, or leased or delayed. */
  const outbox = new Map<number, boolean>();
  const givenUp = new Set<number>();
  /** Claim of each customer's create; `unknown`: its outcome is unknown. */
  const inFlight = new Map<string, { row: number; unknown: boolean }>();
  /** The row that issued each customer's current card, and rows whose card was filed as a second one. */
  const cards = new Map<string, number>();
  const secondCards = new Set<number>();

  const finish = (row: number, state: FinalState): boolean => {
    if (ended.has(row)) return false;
    ended.set(row, state);
    return true;
  };
  /** The proof of a card replaces any other state. */
  const settleDone = (row: number): SettleResult['kind'] => {
    const customer = customerOf(row);
    const before = ended.get(row);
    const card = cards.get(customer);
    const mine = inFlight.get(customer);
    const isNewest = mine?.row === row && !mine.unknown;
    const isSecond = card !== undefined && card !== row;
    if (before === 'done' && (!isSecond || secondCards.has(row))) return 'repeated';
    if (mine?.row === row) inFlight.delete(customer);
    ended.set(row, 'done');
    failed.delete(row);
    if (!isSecond || isNewest) {
      cards.set(customer, row);
      outbox.set(row, true);
      writeBacks += 1;
    }
    if (!isSecond) return 'recorded';
    secondCards.add(row);
    return 'second-card';
  };
  const counted = (state: FinalState) => [...ended.values()].filter((found) => found === state).length;

  return {
    /** Whether the row was accepted: nothing happens to a job before. */
    knows: (row: number) => row <= rows,
    accept(upTo: number, skipped: readonly number[]) {
      rows = Math.max(rows, upTo);
      for (const row of skipped) finish(row, 'skipped');
    },
    claim(row: number): ClaimAnswer {
      const customer = customerOf(row);
      const other = inFlight.get(customer);
      if (ended.has(row)) return 'settled';
      if (other?.row === row && !other.unknown) return 'sent-before';
      if (status !== 'running') return 'halted';
      if (other !== undefined) return other.unknown ? 'card-unknown' : 'customer-busy';
      if (cards.has(customer)) return 'duplicate';
      inFlight.set(customer, { row, unknown: false });
      return 'go';
    },
    halt(to: HaltedStatus): CampaignStatus {
      if (status === 'running' || (to === 'stopped' && status !== 'stopped')) status = to;
      return status;
    },
    resume(): CampaignStatus {
      status = 'running';
      return status;
    },
    park(row: number): ParkResult {
      const mine = inFlight.get(customerOf(row));
      if (ended.has(row)) return 'settled';
      if (mine?.row === row && !mine.unknown) return 'in-flight';
      if (status === 'running') return 'running';
      parked.add(row);
      return 'parked';
    },
    release(row: number) {
      const mine = inFlight.get(customerOf(row));
      if (mine?.row === row && !mine.unknown) inFlight.delete(customerOf(row));
    },
    settle(row: number, end: End): SettleResult['kind'] {
      if (end === 'done') return settleDone(row);
      const before = ended.get(row);
      const customer = customerOf(row);
      const mine = inFlight.get(customer);
      const isOwn = mine?.row === row && !mine.unknown;
      if (before !== undefined) {
        if (isOwn) inFlight.delete(customer);
        return before === end ? 'repeated' : 'stands';
      }
      ended.set(row, end);
      if (isOwn) {
        if (end === 'unknown') mine.unknown = true;
        else inFlight.delete(customer);
      }
      if (end !== 'skipped') failed.set(row, end);
      return 'recorded';
    },
    reopen(row: number): boolean {
      if (!failed.delete(row)) return false;
      ended.delete(row);
      const mine = inFlight.get(customerOf(row));
      if (mine?.row === row && mine.unknown) inFlight.delete(customerOf(row));
      parked.add(row);
      return true;
    },
    markQueued(row: number): void {
      parked.delete(row);
    },
    take(): number[] {
      const due = [...outbox].flatMap(([row, isDue]) => (isDue ? [row] : []));
      for (const row of due) outbox.set(row, false);
      return due.toSorted((a, b) => a - b);
    },
    /** All leases and delays end. */
    expire() {
      for (const row of outbox.keys()) outbox.set(row, true);
    },
    delivered(row: number) {
      if (outbox.delete(row)) writtenBack += 1;
    },
    requeue(row: number) {
      if (outbox.has(row)) outbox.set(row, false);
    },
    giveUp(row: number) {
      if (outbox.delete(row)) givenUp.add(row);
    },
    retryWriteBack(row: number): boolean {
      if (!givenUp.delete(row)) return false;
      outbox.set(row, true);
      return true;
    },
    view(): View {
      const states = Object.fromEntries(finalStates.map((state) => [state, counted(state)]));
      const stopped = status === 'stopped' ? Math.min(parked.size, rows - ended.size) : 0;
      return {
        counters: {
          ...(states as Record<FinalState, number>),
          rows,
          stopped,
          pending: rows - ended.size - stopped,
          writeBacks,
          writtenBack,
          writeBackFailures: givenUp.size,
        },
        ended: [...ended.keys()].toSorted((a, b) => a - b),
        failed: Object.fromEntries(failed),
        parked: [...parked].toSorted((a, b) => a - b),
        status,
        outbox: Object.fromEntries(outbox),
        givenUp: [...givenUp].toSorted((a, b) => a - b),
      };
    },
  };
}
