/** The real ledger behind the interface of the model: rows instead of jobs. */

import type { Redis } from 'ioredis';
import { causeOf } from '../../src/domain/failures/cause.ts';
import { failure, type FailureCode } from '../../src/domain/failures/failure.ts';
import type { FailedJob, FailedRecord, FailedWriteBack } from '../../src/domain/failures/failed.ts';
import type { FinalState } from '../../src/domain/jobs/outcome.ts';
import type { Settlement } from '../../src/domain/jobs/settlement.ts';
import { makeCampaignLedger } from '../../src/ledger/campaigns/campaign-ledger.ts';
import { makeCampaignSwitch } from '../../src/ledger/campaigns/campaign-switch.ts';
import { makeFailureActions } from '../../src/ledger/failures/failure-actions.ts';
import { makeFailureIndex } from '../../src/ledger/failures/failure-index.ts';
import { makeJobLedger } from '../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeOutbox } from '../../src/ledger/write-back/outbox.ts';
import { makeParkedJobs } from '../../src/ledger/jobs/parked-jobs.ts';
import { makeBulkActions } from '../../src/ledger/failures/bulk-actions.ts';
import { runningBulkAction } from '../support/failures.ts';
import { makeQueued, makeOrder, makeWriteBack } from '../support/make.ts';
import { leaseOf, passOutboxTime } from '../support/outbox.ts';
import type { End, LedgerModel, View } from './ledger-model.ts';

/** The methods of the model, asynchronous. */
type Mirror<T> = {
  [Name in keyof T]: T[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Result>
    : never;
};

export type LedgerUnderTest = Mirror<Omit<LedgerModel, 'knows'>>;

const codes = { rejected: 'PM_REFUSED', failed: 'PM_UNAVAILABLE', unknown: 'PM_UNKNOWN_CRASH' } as const;
/** Longer than a test takes. */
const LEASE_MS = 3_600_000;
/** More than the rows of a test. */
const ROWS = 50;
const GIVEN_UP: FailureCode = 'BR_COMMAND_REFUSED';

const causeIdOf = (code: FailureCode) => causeOf(failure(code, '')).id;

/** Opens a ledger with the campaign `run` under a separate prefix. */
export async function openLedgerUnderTest(
  redis: Redis,
  prefix: string,
  customerOf: (row: number) => string,
): Promise<LedgerUnderTest> {
  const keys = makeLedgerKeys(prefix);
  const campaigns = makeCampaignLedger(redis, keys);
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: 600_000, clock: Date.now });
  const outbox = makeOutbox(redis, keys);
  const failures = makeFailureIndex(redis, keys);
  const actions = makeFailureActions(redis, keys);
  const bulkAction = await runningBulkAction(makeBulkActions(redis, keys));
  const campaignSwitch = makeCampaignSwitch(redis, keys);
  const parked = makeParkedJobs(redis, keys);
  if ((await campaigns.find('run')) === undefined) await campaigns.create(makeOrder());

  const jobOf = (row: number) =>
    makeQueued(row, { customer: { ids: { registered: customerOf(row) }, attributes: {} } });

  const recordsOf = async (code: FailureCode): Promise<FailedRecord[]> => {
    const records: FailedRecord[] = [];
    for await (const page of failures.pages('run', causeIdOf(code))) records.push(...page);
    return records;
  };
  const failedJobs = async (): Promise<FailedJob[]> =>
    (await Promise.all(Object.values(codes).map(recordsOf))).flat().filter((record) => 'job' in record);
  const givenUp = async (): Promise<FailedWriteBack[]> =>
    (await recordsOf(GIVEN_UP)).filter((record) => 'writeBack' in record);

  return {
    accept: (upTo, skipped) => {
      const end = { state: 'skipped' as const, reason: 'has-card' as const };
      return campaigns.accept(
        'run',
        upTo,
        skipped.map((row) => ({ row, end })),
        0,
      );
    },
    claim: async (row) => (await jobs.claim(jobOf(row))).answer,
    async halt(to) {
      return found(await campaignSwitch.halt('run', to, { kind: 'operator', reason: '', by: 'test', at: 0 }));
    },
    resume: async () => found(await campaignSwitch.resume('run')),
    park: (row) => parked.park(jobOf(row)),
    release: (row) => jobs.release(jobOf(row)),
    settle: async (row, end) => (await jobs.settle(jobOf(row), settlement(row, end))).kind,
    async reopen(row) {
      const record = (await failedJobs()).find(({ job }) => job.row === row);
      return (
        record !== undefined && actions.reopen(record, { cause: causeIdOf(record.failure.code), bulkAction })
      );
    },
    async markQueued(row) {
      const listed = await parked.list('run');
      await parked.markQueued(
        'run',
        listed.filter((job) => job.row === row),
      );
    },
    async take() {
      const taken = await outbox.take({ size: ROWS, maxWaitMs: 0, leaseMs: LEASE_MS });
      return (taken?.entries ?? []).map(({ row }) => row).toSorted((one, other) => one - other);
    },
    expire: () => passOutboxTime(redis, keys, LEASE_MS),
    delivered: (row) => outbox.markDelivered([makeWriteBack(row)]),
    async requeue(row) {
      const lease = await leaseOf(redis, keys, `run-${row}`);
      await outbox.requeue([makeWriteBack(row)], lease, LEASE_MS);
    },
    async giveUp(row) {
      const lease = await leaseOf(redis, keys, `run-${row}`);
      await outbox.giveUp(makeWriteBack(row), lease, failure(GIVEN_UP, ''), 0);
    },
    async retryWriteBack(row) {
      const record = (await givenUp()).find(({ writeBack }) => writeBack.row === row);
      return (
        record !== undefined && actions.retryWriteBack(record, { cause: causeIdOf(GIVEN_UP), bulkAction })
      );
    },
    async view(): Promise<View> {
      const campaign = await campaigns.find('run');
      if (campaign === undefined) throw new Error('campaign not found');
      const {
        rows,
        done,
        skipped,
        rejected,
        failed,
        unknown,
        stopped,
        pending,
        writeBacks,
        writtenBack,
        writeBackFailures,
      } = campaign;
      const due = await redis.zrange(keys.outboxDue, 0, '-1', 'WITHSCORES');
      return {
        counters: {
          rows,
          done,
          skipped,
          rejected,
          failed,
          unknown,
          stopped,
          pending,
          writeBacks,
          writtenBack,
          writeBackFailures,
        },
        status: campaign.status,
        ended: bitsOf(await redis.getBuffer(keys.settled('run'))),
        failed: Object.fromEntries(
          (await failedJobs()).map(({ job, state }): [number, FinalState] => [job.row, state]),
        ),
        parked: (await parked.list('run')).map(({ row }) => row).toSorted((a, b) => a - b),
        outbox: Object.fromEntries(
          due.flatMap((id, n) =>
            n % 2 === 0 ? [[rowOfId(id), Number(due[n + 1]) < Date.now() + LEASE_MS / 2]] : [],
          ),
        ) as Record<string, boolean>,
        givenUp: (await givenUp()).map(({ writeBack }) => writeBack.row).toSorted((a, b) => a - b),
      };
    },
  };
}

function found<T>(status: T | undefined): T {
  if (status === undefined) throw new Error('campaign not found');
  return status;
}

function settlement(row: number, end: End): Settlement {
  switch (end) {
    case 'done':
      return { state: 'done', card: { passId: `p-${row}`, issuedAt: 1 }, writeBack: makeWriteBack(row) };
    case 'skipped':
      return { state: 'skipped', reason: 'has-card' };
    case 'rejected':
    case 'failed':
    case 'unknown':
      return { state: end, failure: failure(codes[end], ''), attempts: 1, at: 0 };
  }
}

function rowOfId(id: string): number {
  return Number(id.slice('run-'.length));
}

/** Indexes of the bits that are set. */
function bitsOf(bitmap: Buffer | null): number[] {
  return [...(bitmap ?? [])].flatMap((byte, at) =>
    Array.from({ length: 8 }, (_, bit) => bit)
      .filter((bit) => (byte & (0x80 >> bit)) !== 0)
      .map((bit) => at * 8 + bit),
  );
}
