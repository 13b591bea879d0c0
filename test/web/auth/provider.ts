/** A real OpenID Connect provider that signs in any account without a password. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { onTestFinished } from 'vitest';

export const CLIENT = { id: 'passbridge', secret: 'a secret of the client' };

/** `groups`: the groups of each account. `claims`: those that replace the ones of an account. */
export async function startProvider(
  redirect: string,
  groups: Readonly<Record<string, string[]>>,
  claims: Readonly<Record<string, object>> = {},
) {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirect] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['groups'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    findAccount: (_context: object, id: string) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@house.example`,
        email_verified: true,
        groups: groups[id] ?? [],
        ...claims[id],
      }),
    }),
  });
  const answer = provider.callback();
  server.on('request', (request, response) => answer(request, response));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { issuer, close: () => server.close() };
}

/** Follows the provider's pages as a browser does. Resolves with the URL at which it returns to ours. */
export async function passProvider(start: string, account: string, ours: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  let form: Record<string, string> | undefined;
  for (let steps = 0; steps < 20; steps += 1) {
    if (url.startsWith(ours)) return url;
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    form = undefined;
    if (location !== null) {
      url = new URL(location, url).href;
      continue;
    }
    const page = await answer.text();
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
    const [, prompt = ''] = /name="prompt" value="([^"]+)"/.exec(page) ?? [];
    if (action === undefined) throw new Error(`no form at ${url}: ${page.slice(0, 500)}`);
    url = new URL(action, url).href;
    form = prompt === 'login' ? { prompt, login: account, password: 'any' } : { prompt };
  }
  throw new Error(`too many redirects, last to ${url}`);
}
