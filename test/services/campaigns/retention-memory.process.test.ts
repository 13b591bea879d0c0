/**
 * Memory of Redis after many campaigns and their retention. `CAMPAIGNS` and `ROWS` repeat it at another size, e.g.
 * `CAMPAIGNS=1000 ROWS=10000 npx vitest run --project process test/services/campaigns/retention-memory`.
 */

import { expect, it } from 'vitest';
import { deleteEnded } from '../../../src/services/campaigns/delete-ended.ts';
import { reconcile } from '../../../src/services/campaigns/reconcile.ts';
import { sweepOld } from '../../../src/services/customers/erasure/retention.ts';
import { failure } from '../../../src/domain/failures/failure.ts';
import type { FilteredRow } from '../../../src/ledger/campaigns/accept-rows.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { eventually } from '../../support/eventually.ts';
import { makeOrder, makeQueued, makeWriteBack, silent } from '../../support/make.ts';
import { startServer } from '../../support/redis-servers.ts';
import { openTestStores } from '../../support/stores.ts';

const CAMPAIGNS = Number(process.env['CAMPAIGNS'] ?? 25);
const ROWS = Number(process.env['ROWS'] ?? 1000);
/** Rows of a campaign that are settled one by one, by the script of the workers. */
const JOBS = Math.min(200, ROWS / 4);
const FAILED_EVERY = 10;
const DAY = 86_400_000;
const MAX_GROWTH = 0.05;
/** What belongs to no campaign: the data version, serial numbers, the newest file of a source, BullMQ's own keys. */
const MAX_KEYS = 15;

const reasons = ['has-card', 'duplicate', 'filtered'] as const;

/** 9 s: card markers and the customer index expire within the test. */
const CARD_TTL_DAYS = '0.0001';

async function setUp() {
  const server = await startServer();
  // Its entries quote the arguments of slow commands, and a busy machine has many.
  await server.redis.config('SET', 'slowlog-log-slower-than', -1);
  const { stores } = await openTestStores({ REDIS_URL: `redis://${server.address}`, CARD_TTL_DAYS });
  const { campaigns, jobs, outbox, programVersions, bulkActions } = stores;

  /** Runs a campaign through the scripts of feeder, worker and relay. */
  const play = async (n: number) => {
    const id = `loyalty-issue-20261130-${n}`;
    const version = `version-${n % 10}`;
    await programVersions.save({ version, source: { card: 'loyalty', create: 'x'.repeat(2000) } });
    const source = {
      kind: 'file',
      path: '/x.csv',
      from: 'crm',
      fingerprint: { size: 1, mtimeMs: n },
    } as const;
    await campaigns.create(
      { ...makeOrder(id), source, programVersion: version, createdAt: systemClock() },
      { source: 'crm', key: `file-${n}`, modifiedAt: n },
    );
    for (let row = 1; row <= ROWS; row += 250) {
      const last = Math.min(row + 249, ROWS);
      await campaigns.accept(id, last, filteredRows(row, last), 1);
    }
    await campaigns.markFed(id, 0);
    const rows = Array.from({ length: JOBS }, (_, index) => index + 1);
    await Promise.all(rows.map((row) => settle(id, row)));
    const written = rows.filter((row) => row % FAILED_EVERY !== 0);
    await outbox.markDelivered(written.map((row) => writeBackOf(id, row)));
    await bulkActions.open(
      {
        id: `bulk-${n}`,
        kind: 'retry',
        filter: { campaign: id, unknown: false },
        by: 'eva',
        reason: '',
        at: systemClock(),
      },
      1,
    );
    await bulkActions.cancel(`bulk-${n}`, 1);
  };

  const settle = (id: string, row: number) => {
    const job = makeQueued(row, { id: `${id}-${row}`, campaign: id });
    return row % FAILED_EVERY === 0
      ? jobs.settle(job, {
          state: 'rejected',
          failure: failure('PM_REFUSED', `row ${row}`),
          attempts: 1,
          at: 1,
        })
      : jobs.settle(job, {
          state: 'done',
          card: { passId: `${id}-${row}`, issuedAt: 1 },
          writeBack: writeBackOf(id, row),
        });
  };

  /** One run of every periodic task, long after the campaigns. */
  const retain = async (now: number) => {
    let deleted = 0;
    await sweepOld(stores, { before: now - 90 * DAY, from: 0, max: Infinity });
    for (let last = -1; last !== 0; deleted += last) {
      last = await deleteEnded(stores, { before: now - 90 * DAY, now }, silent);
    }
    return deleted;
  };

  const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await server.redis.info('memory'))?.[1]);
  return { stores, server, play, retain, usedMemory };
}

function filteredRows(from: number, to: number): FilteredRow[] {
  const rows = Array.from({ length: to - from + 1 }, (_, index) => from + index).filter((row) => row > JOBS);
  return rows.map((row) => ({
    row,
    end: { state: 'skipped', reason: reasons[row % reasons.length] ?? 'has-card' },
  }));
}

const longAfter = () => systemClock() + 200 * DAY;

const writeBackOf = (campaign: string, row: number) => ({
  ...makeWriteBack(row),
  id: `${campaign}-${row}`,
  campaign,
});

it(
  `memory returns to within ${MAX_GROWTH * 100} % of empty once ${CAMPAIGNS} campaigns of ${ROWS} rows are deleted`,
  async () => {
    const { stores, server, play, retain, usedMemory } = await setUp();
    const closeAll = async () => {
      await reconcile(stores, systemClock());
      expect(await stores.campaigns.openIds()).toEqual([]);
    };
    /** Waits until Redis has deleted what has expired. */
    const expired = () =>
      eventually(async () => expect(await server.redis.dbsize()).toBeLessThan(MAX_KEYS), 120_000);
    // Loads every script, which counts as memory of an empty Redis that passbridge uses.
    await play(0);
    await closeAll();
    expect(await retain(longAfter())).toBe(1);
    await expired();
    const empty = await usedMemory();

    for (let n = 1; n <= CAMPAIGNS; n += 1) {
      await play(n);
      if (n % 100 === 0) await closeAll();
    }
    await closeAll();
    const full = await usedMemory();
    expect(await stores.campaigns.allIds()).toHaveLength(CAMPAIGNS);
    expect(await retain(longAfter())).toBe(CAMPAIGNS);
    await expired();
    const after = await eventually(async () => {
      const used = await usedMemory();
      expect(used).toBeLessThanOrEqual(empty * (1 + MAX_GROWTH));
      return used;
    }, 120_000);
    process.stdout.write(
      `empty ${empty} B; full ${full} B; after retention ${after} B (${((after / empty - 1) * 100).toFixed(1)} %), ${await server.redis.dbsize()} keys\n`,
    );
  },
  600_000 + CAMPAIGNS * 3000,
);
