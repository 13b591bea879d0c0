import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startBridge } from '../../support/bridge.ts';
import { makeBrowser } from './browser.ts';
import { CLIENT, passProvider, startProvider } from './provider.ts';

/** A port that is free now: provider and dashboard have to know each other's address beforehand. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

async function openWithProvider(groups: Record<string, string[]>) {
  const ours = `http://127.0.0.1:${await freePort()}`;
  const provider = await startProvider(`${ours}/sign-in/sso/callback`, groups);
  const bridge = await startBridge({
    env: {
      PORT: new URL(ours).port,
      PUBLIC_URL: ours,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
      OIDC_ROLES: 'ops=operator,leads=admin,staff=viewer',
    },
  });
  await bridge.passbridge.startWeb({ programs: bridge.programs, schedules: new Map() }, () => new Map());
  const browser = () => makeBrowser(ours);
  return {
    ...bridge,
    provider,
    browser,
    /** As far as our callback, which is not called yet. */
    async approach(one: ReturnType<typeof makeBrowser>, account: string, to = '/') {
      const begun = await one.send(`/sign-in/sso?to=${encodeURIComponent(to)}`);
      const back = await passProvider(String(begun.headers['location']), account, ours);
      return back.slice(ours.length);
    },
  };
}

describe('single sign-on', () => {
  it('brings people in with the highest role that they have, and back to where they were', async () => {
    const { approach, browser, passbridge } = await openWithProvider({
      iva: ['staff', 'ops'],
      eva: ['leads', 'ops'],
    });
    for (const [account, role] of [
      ['iva', 'operator'],
      ['eva', 'admin'],
    ] as const) {
      const one = browser();
      expect(await one.send('/schedules')).toMatchObject({ status: 303 });
      expect((await one.send('/sign-in?to=/schedules')).text).toContain('/sign-in/sso?to=%2Fschedules');
      const callback = await approach(one, account, '/schedules');
      expect(await one.send(callback)).toMatchObject({ status: 303, headers: { location: '/schedules' } });
      const { text } = await one.send('/schedules');
      expect(text).toContain(`${account}@house.example`);
      expect(text).toContain(`(${role})`);
      // The same answer of the provider is good for one time.
      expect(await one.send(callback)).toMatchObject({ status: 400 });
    }
    const { entries } = await passbridge.stores.audit.page({ limit: 5 });
    expect(entries.map(({ act, by }) => [act, by])).toContainEqual(['operator.sign-in', 'eva@house.example']);
  });

  it('lets nobody in who is nothing that is listed, or who comes back with another’s answer', async () => {
    const { approach, browser } = await openWithProvider({ iva: ['ops'], ota: ['guests'] });
    const ota = browser();
    const refused = await ota.send(await approach(ota, 'ota'));
    expect(refused).toMatchObject({
      status: 403,
      text: expect.stringContaining('ota@house.example may not use this dashboard'),
    });
    expect(await ota.send('/campaigns')).toMatchObject({ status: 303 });

    const [iva, thief] = [browser(), browser()];
    const callback = await approach(iva, 'iva');
    expect(await thief.send(callback)).toMatchObject({ status: 400 });
    await thief.send('/sign-in/sso');
    expect(await thief.send(callback)).toMatchObject({ status: 403 });
    expect(await thief.send('/campaigns')).toMatchObject({ status: 303 });

    const lured = browser();
    const { headers } = await lured.send(await approach(lured, 'iva', '//evil.example'));
    expect(headers['location']).toBe('/');
  });

  it('says so where the provider is away, and is not needed to start', async () => {
    const { provider, browser } = await openWithProvider({});
    provider.close();
    const answer = await browser().send('/sign-in/sso');
    expect(answer).toMatchObject({ status: 502, text: expect.stringContaining('does not answer') });
  });
});
