/** Parses a request that was meant for Passmachine as a webhook request, with its body unchanged. */

import { problemOfId, problemOfSize } from '../../domain/customers/customer-limits.ts';
import { triggersNotification } from '../../domain/campaigns/safeguards/notification-limit.ts';
import { unsafePassId } from '../../domain/jobs/pass-id.ts';
import { PASS_ID_ATTRIBUTE } from '../../domain/jobs/pass-job.ts';
import type { Json, Program } from '../../domain/jobs/program.ts';
import { makeWebhookRequest, type WebhookRequest } from '../../domain/jobs/webhook-request.ts';
import { isObject } from '../../kit/is-object.ts';
import { parseIds } from './request.ts';

export interface PassRequestOptions {
  /** Called for each request, because the programs file may be reloaded. */
  programs: () => ReadonlyMap<string, Program>;
  /** Types of customer ids; the first identifies the customer. */
  idTypes: readonly string[];
}

interface PassRequest {
  /** The card to change; undefined for a new one. */
  passId: string | undefined;
  /** The program that the sender names, in case several have the same template. */
  program: string | undefined;
  /** The body, parsed. */
  value: unknown;
  /** The body, unchanged. */
  text: string;
}

/** `INVALID_REQUEST`: the request would be invalid for any customer. */
export type ParsedPassRequest =
  | { ok: true; request: WebhookRequest }
  | { ok: false; code: 'WEBHOOK_INVALID' | 'INVALID_REQUEST'; problem: string };

/** Parses and checks a request. The rest of the body is Passmachine's to validate. */
export function parsePassRequest(request: PassRequest, options: PassRequestOptions): ParsedPassRequest {
  const oversize = problemOfSize(request.value);
  if (oversize !== undefined) return webhookInvalid(`the body ${oversize}`);
  return request.passId === undefined
    ? parseCreate(request, options)
    : parsePatch({ ...request, passId: request.passId }, options);
}

function parseCreate(
  { value, text: body, program: name }: PassRequest,
  { programs, idTypes }: PassRequestOptions,
): ParsedPassRequest {
  const { templateId, metadata } = isObject(value) ? value : {};
  const program = [...programs().values()].find(
    (known) => known.templateId === templateId && (name === undefined || known.name === name),
  );
  if (program === undefined) return invalidRequest('the programs file has no program with this templateId');
  const about = isObject(metadata) ? metadata : {};
  const ids = parseIds(about, idTypes);
  if (Object.keys(ids).length === 0) {
    const [type = 'registered'] = idTypes;
    return webhookInvalid(
      `metadata.${type} is empty, so the card has no customer; set it to {{ customer_ids.${type} }}`,
    );
  }
  for (const [type, id] of Object.entries(ids)) {
    const problem = problemOfId(id);
    if (problem !== undefined) return webhookInvalid(`metadata.${type} ${problem}`);
  }
  const attributes = Object.fromEntries(Object.entries(about).filter(([key]) => !(key in ids)));
  return parsed({ action: 'create', program: program.name, customer: { ids, attributes }, body });
}

function parsePatch(
  { passId, value, text: body, program: name }: PassRequest & { passId: string },
  { programs }: PassRequestOptions,
): ParsedPassRequest {
  const [first] = programs().values();
  // The request does not say which program the card belongs to. The program only decides where it is counted.
  const program = name === undefined ? first : programs().get(name);
  if (program === undefined) return invalidRequest('the programs file has no such program');
  if (passId.trim() === '') {
    return webhookInvalid(`the address has no pass id: the customer's ${PASS_ID_ATTRIBUTE} is empty`);
  }
  const unsafe = unsafePassId(passId);
  if (unsafe !== undefined) return webhookInvalid(`the pass id in the address ${unsafe}`);
  if (!Array.isArray(value)) return webhookInvalid('the body is not a JSON Patch: an array of operations');
  const action = (value as Json[]).some(triggersNotification) ? 'notify' : 'update';
  // Nor does it name the customer, so the card identifies the customer.
  const card = { [PASS_ID_ATTRIBUTE]: passId };
  return parsed({ action, program: program.name, customer: { ids: card, attributes: card }, body });
}

function parsed(fields: Parameters<typeof makeWebhookRequest>[0]): ParsedPassRequest {
  return { ok: true, request: makeWebhookRequest(fields) };
}

function webhookInvalid(problem: string): ParsedPassRequest {
  return { ok: false, code: 'WEBHOOK_INVALID', problem };
}

function invalidRequest(problem: string): ParsedPassRequest {
  return { ok: false, code: 'INVALID_REQUEST', problem };
}
