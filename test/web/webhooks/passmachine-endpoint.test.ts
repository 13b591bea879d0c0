import { describe, expect, it } from 'vitest';
import { cardSetup } from '../../support/guide-bodies.ts';
import { ACCOUNT, startEndpoint } from './endpoint-under-test.ts';

const card = { path: `/accounts/${ACCOUNT}/passes`, body: cardSetup('g-1') };

describe('how long a request waits', () => {
  it.each([
    { setting: 0, prefer: 'wait', most: 900 },
    { setting: 0, prefer: 'respond-async, wait=1', most: 900 },
    { setting: 0, prefer: 'wait=60', most: 900 },
    { setting: 400, prefer: '', most: 400 },
    { setting: 5000, prefer: '', most: 900 },
  ])('setting $setting, Prefer: $prefer', async ({ setting, prefer, most }) => {
    const { send, waits, taken } = await startEndpoint({ waitMs: setting });
    await send({ ...card, headers: { prefer } });
    expect(waits).toHaveLength(1);
    expect(waits[0]?.ms).toBeLessThanOrEqual(most);
    expect(waits[0]?.ms).toBeGreaterThan(most - 400);
    expect(taken).toMatchObject([{ awaited: true }]);
  });

  it.each([
    { setting: 0, prefer: '' },
    { setting: 0, prefer: 'waiting' },
    { setting: 900, prefer: 'wait=0' },
  ])('not at all: setting $setting, Prefer: $prefer', async ({ setting, prefer }) => {
    const { send, waits, taken } = await startEndpoint({ waitMs: setting });
    await send({ ...card, headers: { prefer } });
    expect(waits).toEqual([]);
    expect(taken[0]).not.toHaveProperty('awaited');
  });

  it('says whether the wish was granted', async () => {
    const { send, ledger } = await startEndpoint();
    const headers = { prefer: 'wait' };
    expect((await send({ ...card, headers })).headers).not.toHaveProperty('preference-applied');
    ledger.told = { ok: true, answer: { data: { id: 'p-1' } } };
    const told = await send({ ...card, headers });
    expect(told.headers).toHaveProperty('preference-applied', 'wait');
    expect(told.body.data).toEqual({ id: 'p-1' });
  });
});
