/** Parses one customer of a webhook as a webhook request, or says what is wrong with it. */

import { z } from 'zod';
import { problemOfId, problemOfSize } from '../../domain/customers/customer-limits.ts';
import { unsafePassId } from '../../domain/jobs/pass-id.ts';
import { MAX_TEXT_LENGTH, type PassAction, passIdOf } from '../../domain/jobs/pass-job.ts';
import type { Program, Template } from '../../domain/jobs/program.ts';
import { makeWebhookRequest, type WebhookRequest } from '../../domain/jobs/webhook-request.ts';
import { parseShape } from '../../kit/json/parse-shape.ts';
import { jsonObject, parseIds, problemsOf } from './request.ts';

/** `{"customer_ids": {"registered": "…"}, "customer": {…}, "text": "…", "use_by": "2026-12-24T18:00:00Z"}` */
const bodySchema = z.object({
  customer_ids: jsonObject,
  customer: jsonObject.default({}),
  text: z.string().max(MAX_TEXT_LENGTH, `has more than ${MAX_TEXT_LENGTH} characters`).optional(),
  use_by: z.iso.datetime({ offset: true, error: 'must be a time such as 2026-12-24T18:00:00Z' }).optional(),
});

export type ParsedWebhookRequest = { ok: true; request: WebhookRequest } | { ok: false; problems: string[] };

/** What the address of a webhook selects. */
export interface Destination {
  program: Program;
  action: PassAction;
  template: Template;
  /** Types of customer ids; the first identifies the customer. */
  idTypes: readonly string[];
}

/** Parses and checks one customer. Problems must contain names of fields, never their values. */
export function parseWebhookRequest(
  body: unknown,
  { program, action, template, idTypes }: Destination,
): ParsedWebhookRequest {
  const oversize = problemOfSize(body);
  if (oversize !== undefined) return refused(oversize);
  const parsed = parseShape(bodySchema, body);
  if (!parsed.success) return refused(...problemsOf(parsed.error));
  const { customer: attributes, text, use_by: useBy } = parsed.data;
  const given = parsed.data.customer_ids;
  // In this order, because the first id identifies the customer.
  const ids = parseIds(given, new Set([...idTypes, ...Object.keys(given)]));
  const problems = [...problemsOfIds(ids), ...problemsOfContent({ attributes, text, action, template })];
  if (problems.length > 0) return refused(...problems);
  const request = makeWebhookRequest({
    action,
    program: program.name,
    customer: { ids, attributes },
    ...(text !== undefined && { text }),
    ...(useBy !== undefined && { useBy: Date.parse(useBy) }),
  });
  return { ok: true, request };
}

function refused(...problems: string[]): ParsedWebhookRequest & { ok: false } {
  return { ok: false, problems };
}

function problemsOfIds(ids: Readonly<Record<string, string>>): string[] {
  if (Object.keys(ids).length === 0) return ['customer_ids needs an id: non-empty text or an integer'];
  return Object.entries(ids).flatMap(([type, id]) => {
    const problem = problemOfId(id);
    return problem === undefined ? [] : [`customer_ids.${type} ${problem}`];
  });
}

interface Content extends Pick<Destination, 'action' | 'template'> {
  attributes: WebhookRequest['customer']['attributes'];
  text: string | undefined;
}

function problemsOfContent({ attributes, text, action, template }: Content): string[] {
  const missing = template.needs.filter((name) => (attributes[name] ?? '') === '');
  const passId = passIdOf({ ids: {}, attributes });
  const unsafe = action === 'create' || passId === undefined ? undefined : unsafePassId(passId);
  return [
    ...missing.map((name) => `customer.${name} is empty, and the template needs it`),
    ...(unsafe === undefined ? [] : [`customer.passmachine_pass_id ${unsafe}`]),
    ...(action === 'create' || passId !== undefined
      ? []
      : ['customer.passmachine_pass_id is empty: there is no card to change']),
    ...(template.usesText && text === undefined ? ['text is missing, and the template needs it'] : []),
  ];
}
