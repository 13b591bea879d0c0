import { describe, expect, it } from 'vitest';
import { startBridge } from '../../support/bridge.ts';
import { freePort } from '../../support/free-port.ts';
import { makeBrowser } from './browser.ts';
import { CLIENT, passProvider, startProvider } from './provider.ts';

async function openWithProvider(groups: Record<string, string[]>, claims: Record<string, object> = {}) {
  // Provider and dashboard must know each other's URL before they start.
  const ours = `http://127.0.0.1:${await freePort()}`;
  const provider = await startProvider(`${ours}/sign-in/sso/callback`, groups, claims);
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
    /** Signs in at the provider. Resolves with the path of our callback, which is not called yet. */
    async signInAtProvider(one: ReturnType<typeof makeBrowser>, account: string, to = '/') {
      const started = await one.send(`/sign-in/sso?to=${encodeURIComponent(to)}`);
      const back = await passProvider(String(started.headers['location']), account, ours);
      return back.slice(ours.length);
    },
  };
}

describe('single sign-on', () => {
  it('grants the highest role of a user, and returns to the requested page', async () => {
    const { signInAtProvider, browser, passbridge } = await openWithProvider({
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
      const callback = await signInAtProvider(one, account, '/schedules');
      expect(await one.send(callback)).toMatchObject({ status: 303, headers: { location: '/schedules' } });
      const { text } = await one.send('/schedules');
      expect(text).toContain(`sso:${account}@house.example`);
      expect(text).toMatch(new RegExp(`>${role}<`, 'i'));
      // A callback works once.
      expect(await one.send(callback)).toMatchObject({ status: 400 });
    }
    const { entries } = await passbridge.stores.audit.page({ limit: 5 });
    expect(entries.map(({ action, by }) => [action, by])).toContainEqual([
      'operator.sign-in',
      'sso:eva@house.example',
    ]);
  });

  it('names no one by what they may choose, and records who they are', async () => {
    const { signInAtProvider, browser, passbridge, provider } = await openWithProvider(
      { ota: ['ops'] },
      { ota: { email: 'admin', email_verified: false, preferred_username: 'admin' } },
    );
    const ota = browser();
    await ota.send(await signInAtProvider(ota, 'ota'));
    const { entries } = await passbridge.stores.audit.page({ limit: 5 });
    expect(entries).toMatchObject([
      {
        action: 'operator.sign-in',
        by: `sso:${new URL(provider.issuer).host}:ota`,
        after: { issuer: provider.issuer, subject: 'ota' },
      },
    ]);
  });

  it('refuses users without a listed role, and the callback of another browser', async () => {
    const { signInAtProvider, browser } = await openWithProvider({ iva: ['ops'], ota: ['guests'] });
    const ota = browser();
    const refused = await ota.send(await signInAtProvider(ota, 'ota'));
    expect(refused).toMatchObject({
      status: 403,
      text: expect.stringContaining('sso:ota@house.example does not have access to this dashboard'),
    });
    expect(await ota.send('/campaigns')).toMatchObject({ status: 303 });

    const [iva, thief] = [browser(), browser()];
    const callback = await signInAtProvider(iva, 'iva');
    expect(await thief.send(callback)).toMatchObject({ status: 400 });
    await thief.send('/sign-in/sso');
    expect(await thief.send(callback)).toMatchObject({ status: 403 });
    expect(await thief.send('/campaigns')).toMatchObject({ status: 303 });

    const redirected = browser();
    const { headers } = await redirected.send(await signInAtProvider(redirected, 'iva', '//evil.example'));
    expect(headers['location']).toBe('/');
  });

  it('reports that the provider does not answer, and starts without it', async () => {
    const { provider, browser } = await openWithProvider({});
    provider.close();
    const answer = await browser().send('/sign-in/sso');
    expect(answer).toMatchObject({ status: 502, text: expect.stringContaining('does not answer') });
  });
});
