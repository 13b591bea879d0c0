/** `GET /authenticate?validTo={unix seconds}` with the account's public and secret token. */

import { z } from 'zod';
import { failure } from '../domain/failures/failure.ts';
import type { Clock } from '../kit/clock.ts';
import type { HttpClient } from '../kit/http/http.ts';
import { type Authenticate, jwtExpiry } from './token.ts';

interface Credentials {
  publicToken: string;
  secretToken: string;
}

const tokenText = z.string().trim().min(1);

/** The shapes in which a token may come; the guide shows none, so all common ones are read. */
const tokenAnswer = z.union([
  tokenText,
  z.object({ token: tokenText }).transform((answer) => answer.token),
  z.object({ access_token: tokenText }).transform((answer) => answer.access_token),
  z.object({ data: z.object({ token: tokenText }) }).transform((answer) => answer.data.token),
]);

/** Asks for tokens that live `lifeMs`; believes a JWT that says it ends earlier. */
export function makeAuthenticate(
  http: HttpClient,
  { publicToken, secretToken }: Credentials,
  lifeMs: number,
  clock: Clock,
): Authenticate {
  const authorization = `Basic ${Buffer.from(`${publicToken}:${secretToken}`).toString('base64')}`;

  return async () => {
    const validTo = Math.floor((clock() + lifeMs) / 1000);
    const result = await http.send({
      method: 'GET',
      path: `/authenticate?validTo=${validTo}`,
      headers: { authorization },
    });
    if (!result.answered) return { ok: false, failure: failure('PM_TOKEN_UNAVAILABLE', result.detail) };

    const { status, text, retryAfterMs } = result;
    const more = { status, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    if (status === 401 || status === 403) {
      return { ok: false, failure: failure('PM_TOKEN_REJECTED', `authenticate answered ${status}`, more) };
    }
    const value = status >= 200 && status < 300 ? readToken(text) : undefined;
    // The body may hold a token after all, so it is not quoted.
    if (value === undefined) {
      return {
        ok: false,
        failure: failure('PM_TOKEN_UNAVAILABLE', `authenticate answered ${status} without a token`, more),
      };
    }
    return { ok: true, token: { value, validUntil: Math.min(validTo * 1000, jwtExpiry(value) ?? Infinity) } };
  };
}

function readToken(text: string): string | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    // Plain text: a token is one word, anything else is a page.
    answer = /^\S+$/.test(text.trim()) && !text.includes('<') ? text : undefined;
  }
  return tokenAnswer.safeParse(answer).data;
}
