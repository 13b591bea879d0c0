import { mkdir, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { uploadFolder } from '../../src/services/campaigns/files/fetch.ts';
import { makeDraftService } from '../../src/services/dashboard/drafts.ts';
import { makeUploads } from '../../src/services/campaigns/files/uploads.ts';
import { silent } from '../support/make.ts';
import { startBridge } from '../support/bridge.ts';

const action = { by: 'test', via: 'dashboard', reason: '' } as const;

it('a file named like a source is neither shown nor audited as that source', async () => {
  const { passbridge, config, programs, find } = await startBridge();
  const { stores } = passbridge;
  const folder = uploadFolder(config);
  await mkdir(folder, { recursive: true });
  const id = `forged-${Math.random().toString(36).slice(2)}`;
  await writeFile(`${folder}/${id}`, 'registered,first_name,last_name,email,id\na,A,B,a@x.example,1\n');
  const metadata = { size: 1, metadata: { by: action.by }, creation_date: new Date().toISOString() };
  await writeFile(`${folder}/${id}.json`, JSON.stringify(metadata));
  const service = makeDraftService(stores, {
    config,
    file: { programs },
    sources: () => new Map(),
    uploads: makeUploads(stores, config),
    log: silent,
  });
  const upload = { id, name: '@x\u202E' };
  const draftId = await service.create({ program: 'loyalty', action: 'issue', source: '', upload }, action);
  const draft = await service.find(draftId);
  expect(draft?.from).toEqual({ kind: 'upload', name: '@x' });
  await service.start(draft!, {}, action);
  const [entry] = (await stores.audit.page({ limit: 1 })).entries;
  expect(entry).toMatchObject({ action: 'campaign.start', after: { source: `${folder}/${id}` } });
  expect((await find(draftId)).source).not.toHaveProperty('from');
});
