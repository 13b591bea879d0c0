/**
 * The simulated Passmachine. No API reference is public: it follows the vendor's guide to the letter, and the rest
 * (statuses, bodies of errors) is the strictest likely reading.
 */

import { randomUUID } from 'node:crypto';
import type { Clock } from '../kit/clock.ts';
import { isObject } from '../kit/is-object.ts';
import { type Answer, answer, basicCredentials, type Call, type PassmachineRoute } from './call.ts';
import { makePasses, type PassIds, type PassRecords, type StoredPass } from './passes.ts';

/** How far `X-Timestamp` may differ from the current time. */
const TIMESTAMP_TOLERANCE_S = 300;
/** A `validTo` further ahead is most likely in milliseconds. */
const VALID_TO_AHEAD_S = 10 * 365 * 24 * 3600;

/** How the token is wrapped in an answer. No reference is public, so each likely shape can be tested. */
export type TokenShape = 'json' | 'access_token' | 'data' | 'string' | 'text';

/** One account, and the shapes of its answers. */
export interface PassmachineOptions {
  accountId: string;
  publicToken: string;
  secretToken: string;
  tokenLifeSeconds: number;
  tokenShape: TokenShape;
  /** Whether a card is wrapped in `{"data": …}`. */
  envelope: 'data' | 'bare';
  /** Known template ids; undefined accepts any id. */
  templates: readonly string[] | undefined;
  /** Whether to answer every call with a token with 401, however new the token is. */
  refuseTokens: boolean;
  /** The shape of pass ids; numbers are not quoted in answers. */
  passIds: PassIds;
  /** Called with each new card, whatever becomes of the answer. */
  onCreated: (pass: StoredPass) => void;
  /** Returns the link in an answer, by pass id. */
  linkTo: (passId: string) => string;
}

/** The API as a function of a call, and its stored cards. */
export interface Passmachine {
  readonly passes: PassRecords;
  /** Returns `metadata.registered` of the body or of the card. */
  customerOf(route: PassmachineRoute, call: Call): string | undefined;
  answer(route: PassmachineRoute, call: Call): Answer;
  revokeTokens: () => void;
  /** Removes the cards; tokens stay valid. */
  reset: () => void;
}

export function makePassmachine(options: PassmachineOptions, clock: Clock): Passmachine {
  const passes = makePasses(options.passIds);
  const tokens = makeTokens(options.tokenLifeSeconds, clock);
  const credentials = `${options.publicToken}:${options.secretToken}`;

  const authenticate = (validTo: string, call: Call): Answer => {
    if (basicCredentials(call.headers) !== credentials) return refuse(401, 'wrong public or secret token');
    const now = clock() / 1000;
    const until = Number(validTo);
    if (!/^\d+$/.test(validTo) || until <= now || until > now + VALID_TO_AHEAD_S) {
      return refuse(400, 'validTo must be unix seconds in the future');
    }
    const text = wrapToken(tokens.issue(until), options.tokenShape);
    return {
      status: 200,
      text,
      applied: true,
      ...(options.tokenShape === 'text' && { contentType: 'text/plain' }),
    };
  };

  const create = (account: string, { json, text }: Call): Answer => {
    if (json === undefined) return refuse(400, 'the body is not JSON');
    const problem = problemOfCard(json);
    if (problem !== undefined) return refuse(422, problem);
    if (options.templates?.includes(templateOf(json)) === false) return refuse(404, 'unknown template');
    const pass = passes.add(account, registeredOf(json), text, clock());
    options.onCreated(pass);
    const { id } = pass;
    const url = JSON.stringify(options.linkTo(id));
    // As text, because a number may be longer than JavaScript can represent.
    const card = `{"id":${options.passIds === 'uuid' ? JSON.stringify(id) : id},"ro":{"microsite":{"url":${url}}}}`;
    const body = options.envelope === 'data' ? `{"data":${card}}` : card;
    return { status: 200, text: body, applied: true, passId: id };
  };

  const patch = (account: string, passId: string, { json, text }: Call): Answer => {
    const pass = passes.get(passId);
    if (pass === undefined || pass.account !== account) return refuse(404, 'unknown pass');
    if (json === undefined) return refuse(400, 'the body is not JSON');
    const problem = passes.patch(pass, json, text);
    if (problem !== undefined) return refuse(422, problem);
    return answer(200, { data: { id: passId } }, { applied: true });
  };

  /** Returns why a call for passes is refused; undefined if it is allowed. */
  const refusalOf = (account: string, { headers }: Call): Answer | undefined => {
    const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (bearer === undefined || options.refuseTokens || !tokens.isValid(bearer)) {
      return refuse(401, 'no valid token');
    }
    const stamp = String(headers['x-timestamp'] ?? '');
    if (!/^\d+$/.test(stamp) || Math.abs(Number(stamp) - clock() / 1000) > TIMESTAMP_TOLERANCE_S) {
      return refuse(400, 'X-Timestamp must be the current time in unix seconds');
    }
    return account === options.accountId ? undefined : refuse(404, 'unknown account');
  };

  return {
    passes,
    customerOf(route, call) {
      switch (route.kind) {
        case 'authenticate':
          return undefined;
        case 'create':
          return registeredOf(call.json);
        case 'patch':
          return passes.get(route.passId)?.customer;
      }
    },
    answer(route, call) {
      switch (route.kind) {
        case 'authenticate':
          return authenticate(route.validTo, call);
        case 'create':
          return refusalOf(route.account, call) ?? create(route.account, call);
        case 'patch':
          return refusalOf(route.account, call) ?? patch(route.account, route.passId, call);
      }
    },
    revokeTokens: tokens.revokeAll,
    reset: passes.clear,
  };
}

function refuse(status: number, message: string): Answer {
  return answer(status, { message });
}

function problemOfCard(body: unknown): string | undefined {
  if (!isObject(body)) return 'the body is not an object';
  const { templateId, templateVariables, metadata } = body;
  if (typeof templateId !== 'string' || templateId === '') return 'templateId must be a text';
  if (!isObject(templateVariables)) return 'templateVariables must be an object';
  if (!isObject(metadata)) return 'metadata must be an object';
  const bad = ['email', 'registered'].find((name) => typeof (metadata[name] ?? '') !== 'string');
  return bad === undefined ? undefined : `metadata.${bad} must be a text`;
}

function templateOf(body: unknown): string {
  return isObject(body) ? String(body['templateId']) : '';
}

function registeredOf(body: unknown): string | undefined {
  if (!isObject(body) || !isObject(body['metadata'])) return undefined;
  const { registered } = body['metadata'];
  return typeof registered === 'string' && registered !== '' ? registered : undefined;
}

/** `lifeSeconds` limits how long any token is valid. */
function makeTokens(lifeSeconds: number, clock: Clock) {
  const expiries = new Map<string, number>();
  return {
    /** Returns a new token, valid until `validTo` (unix seconds) or for `lifeSeconds`, whichever is shorter. */
    issue(validTo: number): string {
      const now = clock();
      for (const [token, expiry] of expiries) if (expiry <= now) expiries.delete(token);
      const token = randomUUID();
      expiries.set(token, Math.min(validTo * 1000, now + lifeSeconds * 1000));
      return token;
    },
    isValid: (token: string): boolean => clock() < (expiries.get(token) ?? 0),
    revokeAll: () => expiries.clear(),
  };
}

function wrapToken(token: string, shape: TokenShape): string {
  switch (shape) {
    case 'json':
      return JSON.stringify({ token });
    case 'access_token':
      return JSON.stringify({ access_token: token });
    case 'data':
      return JSON.stringify({ data: { token } });
    case 'string':
      return JSON.stringify(token);
    case 'text':
      return token;
  }
}
