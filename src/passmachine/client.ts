/**
 * Passmachine's HTTP API. One method call makes at most one request that takes effect: after a 401, which proves
 * that nothing was done, the token is renewed and the request repeated once.
 */

import { failure, type Failure } from '../domain/failures/failure.ts';
import { type Clock, unixSeconds } from '../kit/clock.ts';
import type { HttpClient, HttpRequest } from '../kit/http/client.ts';
import { type CreatedPass, passmachineFailure, readCard } from './answers.ts';
import type { GuardedTokens } from './refusal-backoff.ts';
import type { TokenSource } from './token.ts';

/** `isWithdrawn`: `ComposeBody` withdrew the call, so nothing was sent. */
type NotDone = { ok: false; failure: Failure } | { ok: false; isWithdrawn: true };
export type CreateResult = { ok: true; pass: CreatedPass } | NotDone;
export type PatchResult = { ok: true } | NotDone;

/**
 * Returns the body; undefined withdraws the call. Called once there is a token, so that nothing but the connection is
 * left between the body and its first byte on the wire.
 */
export type ComposeBody = () => Promise<string | undefined>;

export interface PassmachineClient {
  /** Makes a card. The body is `{templateId, templateVariables, metadata}` as JSON text. */
  create(compose: ComposeBody): Promise<CreateResult>;
  /** Changes a card. The body is a JSON Patch (RFC 6902) as text. */
  patch(passId: string, compose: ComposeBody): Promise<PatchResult>;
  /**
   * Tests whether Passmachine answers, with a call that makes and changes nothing: it fetches a new token. Absent if
   * the token cannot be renewed.
   */
  probe?: () => Promise<{ ok: true } | { ok: false; failure: Failure }>;
}

interface Options {
  http: HttpClient;
  tokens: TokenSource & Partial<Pick<GuardedTokens, 'refused' | 'accepted'>>;
  accountId: string;
  clock: Clock;
}

export function makePassmachineClient({ http, tokens, accountId, clock }: Options): PassmachineClient {
  const passes = `/accounts/${encodeURIComponent(accountId)}/passes`;

  /** Returns the text of a 2xx answer, or the failure. */
  const send = async (
    { method, path }: Pick<HttpRequest, 'method' | 'path'>,
    compose: ComposeBody,
  ): Promise<{ ok: true; text: string } | NotDone> => {
    let token = await tokens.current();
    if (!token.ok) return token;
    const body = await compose();
    if (body === undefined) return { ok: false, isWithdrawn: true };
    const request = { method, path, body };
    for (let renewed = false; ; renewed = true) {
      if (!token.ok) return token;
      const result = await http.send({
        ...request,
        headers: { authorization: `Bearer ${token.token}`, 'x-timestamp': String(unixSeconds(clock)) },
      });
      if (result.answered && result.status === 401 && !renewed) {
        token = await tokens.replace(token.token);
        continue;
      }
      const failed = passmachineFailure(result, request);
      if (failed?.code === 'PM_UNAUTHORIZED') tokens.refused?.(failed);
      else if (result.answered && provesAcceptance(result.status)) tokens.accepted?.();
      if (failed !== undefined) return { ok: false, failure: failed };
      return { ok: true, text: result.answered ? result.text : '' };
    }
  };

  const { renew } = tokens;

  return {
    ...(renew !== undefined && {
      async probe() {
        const renewed = await renew();
        return renewed.ok ? { ok: true } : renewed;
      },
    }),
    async create(compose) {
      const sent = await send({ method: 'POST', path: passes }, compose);
      if (!sent.ok) return sent;
      const pass = readCard(sent.text);
      return pass === undefined
        ? { ok: false, failure: failure('PM_UNKNOWN_ANSWER', 'the answer has no readable card id') }
        : { ok: true, pass };
    },
    async patch(passId, compose) {
      const sent = await send({ method: 'PATCH', path: `${passes}/${encodeURIComponent(passId)}` }, compose);
      return sent.ok ? { ok: true } : sent;
    },
  };
}

/** A gateway may answer with a server error or 403 before anything looks at the token. */
function provesAcceptance(status: number): boolean {
  return (status >= 200 && status < 300) || status === 404 || status === 409 || status === 422;
}
