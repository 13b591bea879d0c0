import { describe, expect, it } from 'vitest';
import { renderedCreate } from '../../support/guide.ts';
import { sendRaw } from '../../support/raw-request.ts';
import { ACCOUNT, customer, startEndpoint, TOKEN } from './endpoint-under-test.ts';

const card = { path: `/accounts/${ACCOUNT}/passes`, body: renderedCreate('g-1') };

describe('the wait for the result', () => {
  it.each([
    { setting: 0, prefer: 'wait', maxMs: 900 },
    { setting: 0, prefer: 'respond-async, wait=1', maxMs: 900 },
    { setting: 0, prefer: 'wait=60', maxMs: 900 },
    { setting: 400, prefer: '', maxMs: 400 },
    { setting: 5000, prefer: '', maxMs: 900 },
  ])('is up to $maxMs ms for setting $setting, Prefer: $prefer', async ({ setting, prefer, maxMs }) => {
    const { send, waits, accepted } = await startEndpoint({ waitMs: setting });
    await send({ ...card, headers: { prefer } });
    expect(waits).toHaveLength(1);
    expect(waits[0]?.ms).toBeLessThanOrEqual(maxMs);
    expect(waits[0]?.ms).toBeGreaterThan(maxMs - 400);
    expect(accepted).toMatchObject([{ awaited: true }]);
  });

  it.each([
    { setting: 0, prefer: '' },
    { setting: 0, prefer: 'waiting' },
    { setting: 900, prefer: 'wait=0' },
  ])('is skipped for setting $setting, Prefer: $prefer', async ({ setting, prefer }) => {
    const { send, waits, accepted } = await startEndpoint({ waitMs: setting });
    await send({ ...card, headers: { prefer } });
    expect(waits).toEqual([]);
    expect(accepted[0]).not.toHaveProperty('awaited');
  });

  it('is confirmed by Preference-Applied only if the result arrived', async () => {
    const { send, ledger } = await startEndpoint();
    const headers = { prefer: 'wait' };
    expect((await send({ ...card, headers })).headers).not.toHaveProperty('preference-applied');
    ledger.answer = { ok: true, answer: { data: { id: 'p-1' } } };
    const answered = await send({ ...card, headers });
    expect(answered.headers).toHaveProperty('preference-applied', 'wait');
    expect(answered.body.data).toEqual({ id: 'p-1' });
  });
});

describe('a pass id that names another address', () => {
  // As bytes on the wire: undici and fetch would normalize the path.
  it.each(['..', '.', '%2e%2e', '%252e%252e', '..%2f..%2fusers', '../../users', 'p-1/..'])(
    'is refused before anything is stored: %s',
    async (passId) => {
      const { server, accepted } = await startEndpoint();
      const answer = await sendRaw(server.url, [
        `PATCH /accounts/${ACCOUNT}/passes/${passId} HTTP/1.1`,
        `Authorization: Bearer ${TOKEN}`,
        'Content-Type: application/json',
      ]);
      expect(answer).toContain('WEBHOOK_INVALID');
      expect(accepted).toEqual([]);
    },
  );

  it('is refused in a webhook, too, and a create does not use it', async () => {
    const { send, accepted } = await startEndpoint();
    const about = customer(1, { text: 'Hi' });
    const body = { ...about, customer: { ...about.customer, passmachine_pass_id: '%2e%2e' } };
    const path = '/webhooks/bloomreach/loyalty/notify';
    expect(JSON.stringify((await send({ path, body })).body)).toContain('is a dot segment');
    expect(accepted).toEqual([]);
  });
});
