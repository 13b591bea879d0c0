/** The page that sends a draft to a few customers before its campaign. The witness of the sandbox is the judge. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openUnguarded } from '../auth/guarded.ts';
import { goodCustomers } from '../../support/customers.ts';
import { eventually } from '../../support/eventually.ts';

/** Opens the dashboard with a reviewed draft that issues cards to customers c-1 to c-3. */
async function openDraft() {
  const { signedIn, passbridge, sandbox, find } = await openUnguarded();
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-test-send-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const id = 'loyalty-issue-20261201-page';
  const path = join(folder, 'three.csv');
  await writeFile(path, goodCustomers(3));
  await passbridge.stores.drafts.save({
    id,
    program: 'loyalty',
    action: 'issue',
    by: 'tester',
    at: Date.now(),
    from: { kind: 'upload', name: 'three.csv' },
    customers: { state: 'ready', path },
    showsText: false,
    form: { holdout: '50' },
  });
  const one = await signedIn();
  const page = `/campaigns/drafts/${id}/test`;
  return { id, one, page, sandbox, find, open: () => one.send(page) };
}

it('sends to the named customers, leads to the test send, and leaves the draft to be started', async () => {
  const { id, one, page, sandbox, find, open } = await openDraft();
  expect(await open()).toMatchObject({ status: 200, text: expect.stringContaining('Send test</button>') });
  const sent = await one.send(page, { method: 'POST', form: { to: 'c-1; c-3', reason: 'a look' } });
  expect([sent.status, sent.text]).toEqual([303, '']);
  const test = String(sent.headers['location']).split('/').at(-1) ?? '';
  await eventually(async () => expect(await find(test)).toMatchObject({ isTest: true, rows: 2, done: 2 }));
  expect([...sandbox.passes.all()].map(({ customer = '' }) => customer).toSorted()).toEqual(['c-1', 'c-3']);
  expect((await one.send(`/campaigns/${test}`)).text).toContain('test send ·');
  const started = await one.send(`/campaigns/drafts/${id}/start`, { method: 'POST', form: {} });
  expect(started.headers['location']).toBe(`/campaigns/${id}`);
  await eventually(async () =>
    expect(await find(id)).toMatchObject({ status: 'finished', done: 1, skipped: 2 }),
  );
  expect(sandbox.passes.size).toBe(3);
});

it('returns the ids with the problem if one is not in the export, and sends nothing', async () => {
  const { one, page, sandbox, open } = await openDraft();
  await open();
  const { status, text } = await one.send(page, { method: 'POST', form: { to: 'c-1, c-9' } });
  expect(status).toBe(409);
  expect(text).toContain('no row with the customer id or card id c-9.');
  expect(text).toMatch(/<input[^>]* name="to"[^>]* value="c-1, c-9"/);
  expect(sandbox.passes.size).toBe(0);
});
