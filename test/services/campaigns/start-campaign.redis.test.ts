/** Starts of campaigns that are interrupted, repeated and concurrent: each file of a source leads to exactly one campaign. */

import { describe, expect, it } from 'vitest';
import type { CampaignOrder } from '../../../src/domain/campaigns/campaign.ts';
import { isUserError } from '../../../src/kit/user-error.ts';
import { startReconcile } from '../../../src/services/campaigns/reconcile.ts';
import {
  startCampaign,
  type StartRequest,
  type StartStores,
} from '../../../src/services/campaigns/start-campaign.ts';
import type { Stores } from '../../../src/services/stores.ts';
import { makeOrder, makeProgram, silent, testAction } from '../../support/make.ts';
import { openTestStores } from '../../support/stores.ts';

const program = makeProgram();
const operator = { kind: 'operator', context: testAction } as const;

function orderFrom(source: string, id: string): CampaignOrder {
  const fingerprint = { size: 0, mtimeMs: 0 };
  return { ...makeOrder(id), source: { kind: 'file', path: '/nowhere.csv', from: source, fingerprint } };
}

/** A due run that a schedule named like the source has decided on. */
async function decideDueRun({ schedules }: Stores, name: string, id: string) {
  const dueRun = { id, schedule: name, due: 1000, cause: 'due', at: 1000, makesUpFor: 0 } as const;
  await schedules.decide(name, await schedules.find(name), { through: 1000, dueRun });
  const run = { due: 1000, cause: 'due', at: 1000, result: 'started', campaign: id } as const;
  const basis = { run, last: undefined, replaces: false, settlesMissed: false };
  return { kind: 'schedule', dueRun, basis, beforeFeed: async () => {} } as const;
}

const campaignsFrom = async ({ campaigns }: Stores, source: string) =>
  (await campaigns.list(2000)).filter(
    (campaign) => campaign.source.kind === 'file' && campaign.source.from === source,
  );

describe('a start', () => {
  it('takes the file of its source in the step that creates the campaign', async () => {
    const { stores } = await openTestStores();
    const take = { source: 'nightly', key: 'a.csv', modifiedAt: 5 };
    await startCampaign(stores, { order: orderFrom('nightly', 'one'), program, take, startedBy: operator });
    expect(await stores.takenFiles.of('nightly')).toEqual({ keys: new Map([['a.csv', 'one']]), newest: 5 });
    expect(await stores.campaignQueue.pending()).toBe(1);
  });

  it.each([
    ['the same file', { key: 'a.csv', modifiedAt: 5 }],
    ['an older file', { key: 'b.csv', modifiedAt: 4 }],
  ])('is refused for %s of the source, and its audit entry is voided', async (_, file) => {
    const { stores } = await openTestStores();
    const start = (id: string, taken: { key: string; modifiedAt: number }) =>
      startCampaign(stores, {
        order: orderFrom('nightly', id),
        program,
        take: { source: 'nightly', ...taken },
        startedBy: operator,
      });
    await start('one', { key: 'a.csv', modifiedAt: 5 });
    await expect(start('two', file)).rejects.toThrow(
      '@nightly: one has already taken this file or a newer one',
    );
    expect(await stores.campaigns.find('two')).toBeUndefined();
    const { entries } = await stores.audit.page({ limit: 10 });
    expect(entries.map(({ n, target, voids }) => [n, target, voids])).toEqual([
      [3, 'two', 2],
      [2, 'two', undefined],
      [1, 'one', undefined],
    ]);
    await start('three', { key: 'c.csv', modifiedAt: 6 });
    expect(await campaignsFrom(stores, 'nightly')).toHaveLength(2);
  });

  it('is accepted for a taken file with --again', async () => {
    const { stores } = await openTestStores();
    const file = { source: 'nightly', key: 'a.csv', modifiedAt: 5 };
    for (const [id, again] of [
      ['one', false],
      ['two', true],
    ] as const) {
      const take = { ...file, again };
      await startCampaign(stores, { order: orderFrom('nightly', id), program, take, startedBy: operator });
    }
    expect(await campaignsFrom(stores, 'nightly')).toHaveLength(2);
  });

  it('has no effect the second time, on the campaign or on the audit', async () => {
    const { stores } = await openTestStores();
    const take = { source: 'nightly', key: 'a.csv', modifiedAt: 5 };
    const request = { order: orderFrom('nightly', 'one'), program, take, startedBy: operator };
    expect(await startCampaign(stores, request)).toBe('started');
    expect(await startCampaign(stores, request)).toBe('started');
    expect(await campaignsFrom(stores, 'nightly')).toHaveLength(1);
    expect((await stores.audit.page({ limit: 10 })).entries).toHaveLength(1);
    expect(await stores.campaignQueue.pending()).toBe(1);
  });

  it('of a due run leaves the run due if another campaign has the file', async () => {
    const { stores } = await openTestStores();
    const take = { source: 'nightly', key: 'a.csv', modifiedAt: 5 };
    await startCampaign(stores, { order: orderFrom('nightly', 'one'), program, take, startedBy: operator });
    const startedBy = await decideDueRun(stores, 'nightly', 'run');
    await expect(
      startCampaign(stores, { order: orderFrom('nightly', 'run'), program, take, startedBy }),
    ).rejects.toThrow('already taken');
    expect(await stores.schedules.dueRuns()).toHaveLength(1);
    const newer = { ...take, key: 'b.csv', modifiedAt: 6 };
    const request = { order: orderFrom('nightly', 'run'), program, take: newer, startedBy };
    expect(await startCampaign(stores, request)).toBe('started');
    expect(await startCampaign(stores, request)).toBe('gone');
    expect(await stores.schedules.dueRuns()).toEqual([]);
  });
});

class Crash extends Error {}

/** Stores of a process that dies before or after any of its steps. */
function crashing(stores: StartStores, random: () => number): StartStores {
  let isDead = false;
  const maybeDie = () => {
    isDead ||= random() < 0.15;
    if (isDead) throw new Crash('killed');
  };
  const steps = <T extends object>(part: T): T =>
    Object.fromEntries(
      Object.entries(part).map(([name, step]: [string, unknown]) => [
        name,
        async (...args: unknown[]): Promise<unknown> => {
          maybeDie();
          const result: unknown = await (step as (...given: unknown[]) => unknown)(...args);
          maybeDie();
          return result;
        },
      ]),
    ) as T;
  const { audit, campaigns, campaignQueue, programVersions, schedules } = stores;
  return {
    audit: steps(audit),
    campaigns: steps(campaigns),
    campaignQueue: steps(campaignQueue),
    programVersions: steps(programVersions),
    schedules: steps(schedules),
  };
}

/** Mulberry32: small, and the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('200 files, each with three starts at once that crash at random steps', () => {
  it('lead to one campaign per file, and each campaign is fed', async () => {
    const { stores } = await openTestStores();
    const files = Array.from({ length: 200 }, (_, n) => n);
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let file = files.pop(); file !== undefined; file = files.pop()) await startOneFile(stores, file);
      }),
    );
    const campaigns = await stores.campaigns.list(2000);
    const sources = campaigns.map(({ source }) => (source.kind === 'file' ? source.from : ''));
    expect(sources).toHaveLength(200);
    expect(new Set(sources).size).toBe(200);

    const reconcile = await startReconcile(stores, silent);
    await reconcile.stop();
    expect(await stores.campaignQueue.pending()).toBe(200);
  }, 30_000);
});

/** Lets the command line, the dashboard and a schedule compete for one file. */
async function startOneFile(stores: Stores, seed: number): Promise<void> {
  const random = seeded(seed);
  const source = `source-${seed}`;
  const file = { source, key: `${source}.csv`, modifiedAt: 1000 };
  const startedBySchedule = await decideDueRun(stores, source, `${source}-run`);

  /** Starts again after each crash, as an operator or the next process would, until it is decided. */
  const startUntilDecided = async (
    requestOf: (attempt: number) => Omit<StartRequest, 'program' | 'take'>,
  ) => {
    for (let attempt = 0; ; attempt += 1) {
      // Like a fetch: a file that is known to be taken is not used.
      const { keys } = await stores.takenFiles.of(source);
      const request = requestOf(attempt);
      const by = keys.get(file.key);
      if (by !== undefined && by !== request.order.id) return;
      // In the end a process survives.
      const own = attempt < 5 ? crashing(stores, random) : stores;
      try {
        await startCampaign(own, { ...request, program, take: file });
        return;
      } catch (error) {
        if (isUserError(error, 'SOURCE_EMPTY')) return;
        if (!(error instanceof Crash)) throw error;
      }
    }
  };

  await Promise.all([
    // Each run of a command is a new campaign.
    startUntilDecided((attempt) => ({
      order: orderFrom(source, `${source}-cli-${attempt}`),
      startedBy: operator,
    })),
    // A draft has its id from the beginning.
    startUntilDecided(() => ({ order: orderFrom(source, `${source}-draft`), startedBy: operator })),
    startUntilDecided(() => ({ order: orderFrom(source, `${source}-run`), startedBy: startedBySchedule })),
  ]);
}
