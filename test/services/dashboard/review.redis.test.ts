/** The review of a draft beside the start of the same draft: the numbers are those of the campaign, and so are the refusals. */

import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { CampaignAction } from '../../../src/domain/campaigns/campaign-action.ts';
import type { CampaignDraft, DraftForm, PreflightReport } from '../../../src/domain/campaigns/draft.ts';
import { uploadFolder } from '../../../src/services/campaigns/files/fetch.ts';
import { makeUploads } from '../../../src/services/campaigns/files/uploads.ts';
import { makeDraftService } from '../../../src/services/dashboard/drafts.ts';
import type { DraftService } from '../../../src/web/dashboard/dashboard-service.ts';
import { startBridge } from '../../support/bridge.ts';
import { eventually } from '../../support/eventually.ts';
import { silent } from '../../support/make.ts';

const context = { by: 'test', via: 'dashboard', reason: '' } as const;

/** Opens the drafts of a running bridge, and a function that makes one over an uploaded CSV. */
async function openDrafts() {
  const bridge = await startBridge();
  const { passbridge, config, programs } = bridge;
  const { stores } = passbridge;
  const service = makeDraftService(stores, {
    config,
    file: { programs },
    sources: () => new Map(),
    uploads: makeUploads(stores, config),
    log: silent,
  });
  const folder = uploadFolder(config);
  await mkdir(folder, { recursive: true });
  const draftOver = async (csv: string, action: CampaignAction): Promise<CampaignDraft> => {
    const id = `upload-${Math.random().toString(36).slice(2)}`;
    await writeFile(`${folder}/${id}`, csv);
    const metadata = { size: 1, metadata: { by: context.by }, creation_date: new Date().toISOString() };
    await writeFile(`${folder}/${id}.json`, JSON.stringify(metadata));
    const request = { program: 'loyalty', action, source: '', upload: { id, name: 'segment.csv' } };
    const draft = await service.find(await service.create(request, context));
    return draft!;
  };
  return { ...bridge, service, draftOver };
}

/** Reviews a draft until all rows are checked. */
async function reviewed(service: DraftService, draft: CampaignDraft): Promise<PreflightReport> {
  return eventually(async () => {
    const review = await service.review(draft);
    if (review.state !== 'ready') throw new Error(`the review is ${review.state}`);
    return review.report;
  }, 60_000);
}

const header = 'registered,first_name,last_name,email,id,passmachine_pass_id';

/** Rows of every kind: 1,500 customers, then some with a card, twice in the file, filtered, forgotten and ragged. */
function mixedRows(): string[] {
  const customers = Array.from({ length: 1500 }, (_, row) => `c-${row},Jana,Nová,c${row}@x.example,1,`);
  return [
    ...customers,
    'has-card,Jana,Nová,n@x.example,1,card-1',
    'c-7,Jana,Nová,c7@x.example,1,',
    'c-8,Jana,Nová,c8@x.example,1,',
    'filtered,Jana,Nová,f@x.example,2,',
    'forgotten,Jana,Nová,g@x.example,1,',
    'incomplete,,Nová,u@x.example,1,',
    'ragged,Jana',
  ];
}

describe('the review', () => {
  it('announces exactly the customers that the campaign then sends to', async () => {
    const { service, draftOver, sandbox, passbridge, find } = await openDrafts();
    const { stores } = passbridge;
    await stores.forgotten.add({ ids: ['registered:forgotten'] }, Date.now());
    const form: DraftForm = {
      where: "{{ customer.id == '1' }}",
      skipBadRows: 'on',
    };
    const draft = await draftOver([header, ...mixedRows(), ''].join('\n'), 'issue');
    const filledIn = await service.fillIn(draft, form);
    const { preflight } = await reviewed(service, filledIn);
    expect(preflight).toMatchObject({
      rows: 1507,
      toSend: 1500,
      skipped: { 'has-card': 1, duplicate: 2, filtered: 1, forgotten: 1 },
      rejected: 2,
    });
    await service.start(filledIn, form, context);
    const campaign = await eventually(async () => {
      const found = await find(draft.id);
      expect(found.status).toBe('finished');
      return found;
    }, 120_000);
    expect(campaign.rows).toBe(preflight.rows);
    expect(campaign.done).toBe(preflight.toSend);
    expect(campaign.rejected).toBe(preflight.rejected);
    expect(campaign.skippedFor).toEqual(preflight.skipped);
    const calls = sandbox.witness.entries().filter(({ kind }) => kind === 'create');
    expect(new Set(calls.map(({ customer }) => customer)).size).toBe(preflight.toSend);
    expect(await service.review(filledIn)).toEqual({ state: 'started' });
  });

  it.each([
    { what: 'a row that cannot be read', rows: ['c-1,Jana'], form: { text: 'Hello' } },
    { what: 'no text', rows: [], form: {} },
    { what: 'a time that has passed', rows: [], form: { text: 'Hello', useBy: '2020-01-01T10:00' } },
    { what: 'a rate that cannot be kept', rows: [], form: { text: 'Hello', over: '1s' } },
    {
      what: 'a condition on a missing column',
      rows: [],
      form: { text: 'Hello', where: '{{ customer.age }}' },
    },
  ])('refuses with the words of the start: $what', async ({ rows, form }) => {
    const { service, draftOver } = await openDrafts();
    const good = mixedRows()
      .slice(0, 300)
      .map((row) => `${row}card`);
    const draft = await draftOver([header, ...good, ...rows, ''].join('\n'), 'notify');
    await messageOf(service.fillIn(draft, form));
    const atReview = await messageOf(reviewedOnce(service, { ...draft, form }));
    const atStart = await messageOf(service.start(draft, form, context));
    expect(atReview).not.toBe('nothing was refused');
    expect(atReview).toBe(atStart);
  });

  it('warns that the campaign will pause at a row that cannot be read, behind the first rows', async () => {
    const { service, draftOver } = await openDrafts();
    const draft = await draftOver([header, ...mixedRows(), ''].join('\n'), 'notify');
    const filledIn = await service.fillIn(draft, { text: 'Hello' });
    expect(await reviewed(service, filledIn)).toMatchObject({ pausesAtBadRow: true });
    const skipping = await service.fillIn(draft, { text: 'Hello', skipBadRows: 'on' });
    expect(await reviewed(service, skipping)).toMatchObject({ pausesAtBadRow: false });
  });
});

/** Resolves with the message that the work was refused with. */
function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing was refused',
    (error: unknown) => (error as Error).message,
  );
}

/** Reviews a draft; a problem that only the whole file shows is found in the background. */
async function reviewedOnce(service: DraftService, draft: CampaignDraft): Promise<void> {
  for (let asked = 0; asked < 60; asked += 1) if ((await service.review(draft)).state !== 'counting') return;
}
