/**
 * Passmachine's HTTP API in job words. One method call is at most one applied request, except that
 * a 401 renews the token and repeats the call: a refused call was not applied.
 */

import { failure, type Failure } from '../domain/failures/failure.ts';
import { type Clock, unixSeconds } from '../kit/clock.ts';
import type { HttpClient, HttpRequest } from '../kit/http/http.ts';
import { createFailure, patchFailure } from './failure-map.ts';
import type { TokenSource } from './token.ts';
import { type CreatedPass, readCard } from './wire.ts';

export type CreateResult = { ok: true; pass: CreatedPass } | { ok: false; failure: Failure };
export type PatchResult = { ok: true } | { ok: false; failure: Failure };

export interface PassmachineClient {
  /** Makes a card. `body` is `{templateId, templateVariables, metadata}` as JSON text. */
  create(body: string): Promise<CreateResult>;
  /** Changes a card. `body` is a JSON Patch (RFC 6902) as text. */
  patch(passId: string, body: string): Promise<PatchResult>;
}

interface Options {
  http: HttpClient;
  tokens: TokenSource;
  accountId: string;
  clock: Clock;
}

export function makePassmachineClient({ http, tokens, accountId, clock }: Options): PassmachineClient {
  const passes = `/accounts/${encodeURIComponent(accountId)}/passes`;

  /** Sends with a live token, once more after a 401. */
  const send = async (request: HttpRequest) => {
    let token = await tokens.current();
    for (let renewed = false; ; renewed = true) {
      if (!token.ok) return token;
      const result = await http.send({
        ...request,
        headers: { authorization: `Bearer ${token.token}`, 'x-timestamp': String(unixSeconds(clock)) },
      });
      if (!result.answered || result.status !== 401 || renewed) return { ok: true as const, result };
      token = await tokens.replace(token.token);
    }
  };

  return {
    async create(body) {
      const sent = await send({ method: 'POST', path: passes, body });
      if (!sent.ok) return sent;
      const refusal = createFailure(sent.result);
      if (refusal !== undefined) return { ok: false, failure: refusal };
      const pass = sent.result.answered ? readCard(sent.result.text) : undefined;
      return pass === undefined
        ? { ok: false, failure: failure('PM_UNKNOWN_ANSWER', 'the answer has no card id that could be read') }
        : { ok: true, pass };
    },
    async patch(passId, body) {
      const path = `${passes}/${encodeURIComponent(passId)}`;
      const sent = await send({ method: 'PATCH', path, body });
      if (!sent.ok) return sent;
      const refusal = patchFailure(sent.result);
      return refusal === undefined ? { ok: true } : { ok: false, failure: refusal };
    },
  };
}
