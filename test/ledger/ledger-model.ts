/**
 * The ledger as it should be, in plain maps and without Redis: one campaign, any number of jobs.
 * What the real one answers and holds is compared with this.
 */

import type { CampaignStatus, HaltedStatus } from '../../src/domain/campaigns/campaign.ts';
import { finalStates, type FinalState } from '../../src/domain/jobs/outcome.ts';
import type { ClaimAnswer } from '../../src/domain/jobs/settlement.ts';
import type { Parking } from '../../src/ledger/jobs/parked-jobs.ts';

/** A job's end as the tests tell it. */
export type End = FinalState;

/** What can be seen of a ledger from outside. */
export interface View {
  counters: Record<FinalState | 'rows' | 'stopped' | 'pending' | 'saves' | 'saved' | 'unsaved', number>;
  /** Rows that have ended. */
  ended: number[];
  /** Rows with a failure, with the state that they are counted in. */
  failed: Record<string, FinalState>;
  /** Rows that are out of the queue until they are put back. */
  parked: number[];
  status: CampaignStatus;
  /** Rows with a write-back that waits, and when it is due. */
  outbox: Record<string, number>;
  /** Rows with a write-back that was given up. */
  givenUp: number[];
}

export type LedgerModel = ReturnType<typeof makeLedgerModel>;

/** `customerOf` says whose a row is. */
export function makeLedgerModel(customerOf: (row: number) => string) {
  let rows = 0;
  let saves = 0;
  let saved = 0;
  const ended = new Map<number, FinalState>();
  const failed = new Map<number, FinalState>();
  const parked = new Set<number>();
  let status: CampaignStatus = 'running';
  const outbox = new Map<number, number>();
  const givenUp = new Set<number>();
  /** Whose create is out, and whether anybody knows what came of it. */
  const out = new Map<string, { row: number; unknown: boolean }>();
  const cards = new Set<string>();

  const finish = (row: number, state: FinalState): boolean => {
    if (ended.has(row)) return false;
    ended.set(row, state);
    return true;
  };
  const counted = (state: FinalState) => [...ended.values()].filter((found) => found === state).length;

  return {
    /** Whether the row was counted in: nothing happens to a job before. */
    knows: (row: number) => row <= rows,
    accept(upTo: number, skipped: readonly number[]) {
      rows = Math.max(rows, upTo);
      for (const row of skipped) finish(row, 'skipped');
    },
    claim(row: number): ClaimAnswer {
      const customer = customerOf(row);
      const other = out.get(customer);
      if (ended.has(row)) return 'settled';
      if (other?.row === row && !other.unknown) return 'sent-before';
      if (status !== 'running') return 'halted';
      if (other !== undefined) return other.unknown ? 'card-unknown' : 'customer-busy';
      if (cards.has(customer)) return 'duplicate';
      out.set(customer, { row, unknown: false });
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
    park(row: number): Parking {
      const mine = out.get(customerOf(row));
      if (ended.has(row)) return 'settled';
      if (mine?.row === row && !mine.unknown) return 'out';
      if (status === 'running') return 'running';
      parked.add(row);
      return 'parked';
    },
    release(row: number) {
      const mine = out.get(customerOf(row));
      if (mine?.row === row && !mine.unknown) out.delete(customerOf(row));
    },
    settle(row: number, end: End, now: number): boolean {
      if (!finish(row, end)) return false;
      const customer = customerOf(row);
      const mine = out.get(customer);
      if (mine?.row === row && !mine.unknown) {
        if (end === 'unknown') mine.unknown = true;
        else out.delete(customer);
      }
      if (end === 'done') {
        cards.add(customer);
        outbox.set(row, now);
        saves += 1;
      }
      if (end === 'rejected' || end === 'failed' || end === 'unknown') failed.set(row, end);
      return true;
    },
    reopen(row: number): boolean {
      if (!failed.delete(row)) return false;
      ended.delete(row);
      const mine = out.get(customerOf(row));
      if (mine?.row === row && mine.unknown) out.delete(customerOf(row));
      parked.add(row);
      return true;
    },
    markQueued(row: number): void {
      parked.delete(row);
    },
    take(size: number, now: number, leaseMs: number): number[] {
      const due = [...outbox].filter(([, at]) => at <= now).toSorted(([a, x], [b, y]) => x - y || byId(a, b));
      const taken = due.slice(0, size).map(([row]) => row);
      for (const row of taken) outbox.set(row, now + leaseMs);
      return taken;
    },
    delivered(row: number) {
      if (outbox.delete(row)) saved += 1;
    },
    requeue(row: number, due: number) {
      if (outbox.has(row)) outbox.set(row, due);
    },
    giveUp(row: number) {
      if (outbox.delete(row)) givenUp.add(row);
    },
    saveAgain(row: number, now: number): boolean {
      if (!givenUp.delete(row)) return false;
      outbox.set(row, now);
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
          saves,
          saved,
          unsaved: givenUp.size,
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

/** Redis sorts equal scores by the bytes of the member, here `run-{row}`. */
function byId(a: number, b: number): number {
  return `run-${a}` < `run-${b}` ? -1 : 1;
}
