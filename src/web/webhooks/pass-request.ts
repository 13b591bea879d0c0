/** A request that was meant for Passmachine, as a hit: its body goes on as it is. */

import { type WebhookRequest, makeWebhookRequest } from '../../domain/jobs/webhook-request.ts';
import { PASS_ID_ATTRIBUTE } from '../../domain/jobs/pass-job.ts';
import type { Json, Program } from '../../domain/jobs/program.ts';
import { triggersNotification } from '../../domain/campaigns/notification.ts';
import { readIds } from './customer-ids.ts';
import { isDeeperThan, isObject, MOST_LEVELS } from './json-body.ts';

export interface PassRequestOptions {
  /** Asked each time: the programs file may change. */
  programs: () => ReadonlyMap<string, Program>;
  /** Types of customer ids, the one that names the customer first. */
  idTypes: readonly string[];
}

interface PassRequest {
  /** The card to change; undefined for a new one. */
  passId: string | undefined;
  /** The program that the sender names, where templates leave a choice. */
  program: string | undefined;
  /** The body, parsed and as it came. */
  value: unknown;
  text: string;
}

/** `INVALID_REQUEST`: it would fare no better for another customer. */
export type ParsePassRequest =
  | { ok: true; request: WebhookRequest }
  | { ok: false; code: 'WEBHOOK_INVALID' | 'INVALID_REQUEST'; why: string };

/** Reads and checks a request; whether Passmachine likes the rest of the body is Passmachine's to say. */
export function parsePassRequest(request: PassRequest, options: PassRequestOptions): ParsePassRequest {
  if (isDeeperThan(MOST_LEVELS, request.value)) {
    return invalid(`the body is nested more than ${MOST_LEVELS} levels deep`);
  }
  return request.passId === undefined
    ? readCreate(request, options)
    : readPatch({ ...request, passId: request.passId }, options);
}

function readCreate(
  { value, text: body, program: name }: PassRequest,
  { programs, idTypes }: PassRequestOptions,
): ParsePassRequest {
  const { templateId, metadata } = isObject(value) ? value : {};
  const program = [...programs().values()].find(
    (known) => known.templateId === templateId && (name === undefined || known.name === name),
  );
  if (program === undefined) return unusable('the programs file has no program with this templateId');
  const about = isObject(metadata) ? metadata : {};
  const ids = readIds(about, idTypes);
  if (Object.keys(ids).length === 0) {
    const [type = 'registered'] = idTypes;
    return invalid(
      `metadata.${type} is empty: it has to be {{ customer_ids.${type} }}, or nobody knows whose card it is`,
    );
  }
  const attributes = Object.fromEntries(Object.entries(about).filter(([key]) => !(key in ids)));
  return request({ action: 'create', program: program.name, customer: { ids, attributes }, body });
}

function readPatch(
  { passId, value, text: body, program: name }: PassRequest & { passId: string },
  { programs }: PassRequestOptions,
): ParsePassRequest {
  const [first] = programs().values();
  // Nothing in such a request says which program the card is of. It only decides where it is counted.
  const program = name === undefined ? first : programs().get(name);
  if (program === undefined) return unusable('the programs file has no such program');
  if (passId.trim() === '') {
    return invalid(`the address ends without a card: the customer's ${PASS_ID_ATTRIBUTE} is empty`);
  }
  if (!Array.isArray(value)) return invalid('the body is no JSON Patch: a list of operations');
  const action = (value as Json[]).some(triggersNotification) ? 'notify' : 'update';
  // Nor who has it: the card stands for its customer.
  const card = { [PASS_ID_ATTRIBUTE]: passId };
  return request({ action, program: program.name, customer: { ids: card, attributes: card }, body });
}

function request(fields: Parameters<typeof makeWebhookRequest>[0]): ParsePassRequest {
  return { ok: true, request: makeWebhookRequest(fields) };
}

function invalid(why: string): ParsePassRequest {
  return { ok: false, code: 'WEBHOOK_INVALID', why };
}

function unusable(why: string): ParsePassRequest {
  return { ok: false, code: 'INVALID_REQUEST', why };
}
