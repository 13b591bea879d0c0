/** Calls to a sandbox as passbridge makes them; tests can change every part. */

import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { basicAuth } from '../support/basic-auth.ts';

export const nowSeconds = () => Math.floor(Date.now() / 1000);

export const cardBody = (registered = 'c-1', variables: Record<string, unknown> = {}) => ({
  templateId: 'loyalty',
  templateVariables: { fieldValue: 'hello', changeMessage: '', ...variables },
  metadata: { email: `${registered}@example.com`, registered },
});

export const setText = (text: string) => [
  { op: 'replace', path: '/templateVariables/fieldValue', value: text },
];

export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  // Tests access any member of an answer.
  // oxlint-disable-next-line typescript/no-explicit-any
  json: any;
}

type Init = { method?: string; headers?: Record<string, string>; body?: unknown; signal?: AbortSignal };

export async function call(url: string, { body, ...init }: Init = {}): Promise<Answered> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, { ...init, ...(body !== undefined && { body: text }) });
  const answered = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(answered);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text: answered, json };
}

export function clientOf(sandbox: Sandbox) {
  const { accountId, publicToken, secretToken, projectToken, apiKeyId, apiSecret } = sandbox.credentials;
  let token: string | undefined;

  const authenticate = async (validTo: string | number = nowSeconds() + 3600) =>
    call(`${sandbox.passmachineUrl}/authenticate?validTo=${validTo}`, {
      headers: { authorization: basicAuth(publicToken, secretToken) },
    });
  const passHeaders = async () => {
    token ??= (await authenticate()).json.token;
    return { authorization: `Bearer ${token}`, 'x-timestamp': String(nowSeconds()) };
  };

  return {
    authenticate,
    passHeaders,
    async create(body: unknown = cardBody(), more: Init & { account?: string } = {}) {
      const { account = accountId, headers, ...init } = more;
      return call(`${sandbox.passmachineUrl}/accounts/${account}/passes`, {
        method: 'POST',
        body,
        headers: { ...(await passHeaders()), ...headers },
        ...init,
      });
    },
    async patch(passId: string, body: unknown, more: Init = {}) {
      return call(`${sandbox.passmachineUrl}/accounts/${accountId}/passes/${passId}`, {
        method: 'PATCH',
        body,
        headers: await passHeaders(),
        ...more,
      });
    },
    track: (tail: string, body: unknown, project = projectToken, headers: Record<string, string> = {}) =>
      call(`${sandbox.bloomreachUrl}/track/v2/projects/${project}/${tail}`, {
        method: 'POST',
        body,
        headers: { authorization: basicAuth(apiKeyId, apiSecret), ...headers },
      }),
    control: (method: string, tail: string, body?: unknown) =>
      call(`${sandbox.passmachineUrl}/_sandbox/${tail}`, { method, body }),
  };
}
