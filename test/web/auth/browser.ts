/** A minimal browser: it keeps cookies and the CSRF token of the last page. */

import { request } from 'undici';

interface Sent {
  method?: 'GET' | 'POST' | 'HEAD' | 'PATCH' | 'DELETE' | 'PUT';
  headers?: Record<string, string>;
  /** Fields of a form; the token of the last page is added unless the form has its own. */
  form?: Record<string, string>;
}

export function makeBrowser(url: string) {
  const cookies = new Map<string, string>();
  let token = '';

  const send = async (path: string, { method = 'GET', headers = {}, form }: Sent = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await request(url + path, {
      method,
      headers: {
        ...(cookie !== '' && { cookie }),
        ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(form !== undefined && { body: new URLSearchParams({ _csrf: token, ...form }).toString() }),
    });
    for (const set of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    const text = await answer.body.text();
    token = /<meta name="csrf-token" content="([^"]+)"/.exec(text)?.[1] ?? token;
    return { status: answer.statusCode, headers: answer.headers, text };
  };

  return {
    send,
    cookies,
    token: () => token,
    async signIn(name: string, password: string, to = '/') {
      await send(`/sign-in?to=${encodeURIComponent(to)}`);
      return send('/sign-in', { method: 'POST', form: { name, password, to } });
    },
  };
}
