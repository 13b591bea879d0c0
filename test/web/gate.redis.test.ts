/** A closed 429 gate: the dashboard and the API say that campaigns wait for it, and open it. */

import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { openGuarded, PASSWORD } from './auth/guarded.ts';
import { basic } from './auth/guarded-scope.ts';

const HOUR_MS = 3_600_000;
const ONE_ROW = 'registered,first_name,last_name,email,id\na,A,B,a@x.example,1\n';

/** Starts a campaign whose only call waits for the gate. */
async function startWaiting() {
  const guarded = await openGuarded();
  const { stores } = guarded.passbridge;
  await stores.passQueue.closeGate(HOUR_MS);
  const id = await guarded.start('issue', ONE_ROW);
  await eventually(async () => expect(await guarded.find(id)).toMatchObject({ pending: 1 }));
  const api = async (path: string, as = 'operator', body?: object) => {
    const answer = await fetch(`${guarded.server.url}/api${path}`, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      headers: { ...basic(as), ...(body !== undefined && { 'content-type': 'application/json' }) },
    });
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
  };
  const lastAudit = async () => (await stores.audit.page({ limit: 1 })).entries[0];
  return { ...guarded, stores, id, api, lastAudit };
}

const rateLimited = {
  cause: 'rate-limited',
  text: expect.stringMatching(/^Passmachine asked for a pause \(429\) of another (60 min|59 min)$/),
  remedy: expect.stringContaining('passbridge limits --open-gate'),
};

it('is a reason in the API, which opens it for operators', async () => {
  const { id, api, find, stores, lastAudit } = await startWaiting();
  expect((await api(`/campaigns/${id}`)).json).toMatchObject({ campaign: { id }, waits: [rateLimited] });
  expect((await api('/campaigns')).json).toMatchObject({ campaigns: [{ id }], waits: [rateLimited] });
  expect((await api('/overview')).json).toMatchObject({ campaigns: [{ id }], waits: [rateLimited] });

  expect(await api('/gate/open', 'viewer', {})).toMatchObject({ status: 403 });
  expect(await stores.passQueue.gateMs()).toBeGreaterThan(0);
  expect(await api('/gate/open', 'operator', { reason: 'agreed by phone' })).toEqual({
    status: 200,
    json: { open: true },
  });
  await eventually(async () => expect(await find(id)).toMatchObject({ done: 1 }));
  expect(await lastAudit()).toMatchObject({
    action: 'gate.open',
    by: 'operator',
    via: 'api',
    reason: 'agreed by phone',
    before: { passmachineSeconds: expect.any(Number), bloomreachSeconds: 0 },
  });
  expect((await api(`/campaigns/${id}`)).json).toMatchObject({ waits: [] });
});

it('is shown beside the campaign in the dashboard, with a button that opens it', async () => {
  const { id, find, stores, signedIn, browser, lastAudit } = await startWaiting();
  const operator = await signedIn('operator');
  const overview = await operator.send('/');
  expect(overview.text).toMatch(/Waiting: Passmachine asked for a pause \(429\)/);
  expect(overview.text).toMatch(/<button[^>]+value="open-gate"[^>]*>\s*Resume paused calls/);
  expect((await operator.send(`/campaigns/${id}`)).text).toMatch(
    /role="status">\s*Waiting: Passmachine asked for a pause .+ passbridge limits --open-gate/,
  );

  const viewer = browser();
  await viewer.signIn('viewer', PASSWORD);
  const open = { method: 'POST', form: { step: 'open-gate', reason: 'agreed' } } as const;
  expect((await viewer.send('/')).text).not.toContain('open-gate"');
  expect(await viewer.send('/settings/limits', open)).toMatchObject({ status: 403 });
  expect(await stores.passQueue.gateMs()).toBeGreaterThan(0);

  await operator.send('/');
  expect(await operator.send('/settings/limits', open)).toMatchObject({
    status: 303,
    headers: { location: '/settings' },
  });
  await eventually(async () => expect(await find(id)).toMatchObject({ done: 1 }));
  expect(await lastAudit()).toMatchObject({ action: 'gate.open', by: 'operator', via: 'dashboard' });
  expect((await operator.send(`/campaigns/${id}`)).text).not.toContain('Waiting:');
});
