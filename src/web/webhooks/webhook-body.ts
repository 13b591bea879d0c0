/** What a webhook says about one customer, as a hit, or what is wrong with it. */

import { z } from 'zod';
import { type WebhookRequest, makeWebhookRequest } from '../../domain/jobs/webhook-request.ts';
import { LONGEST_TEXT, type PassAction, passIdOf } from '../../domain/jobs/pass-job.ts';
import type { Program, Template } from '../../domain/jobs/program.ts';
import { readIds } from './customer-ids.ts';
import { isDeeperThan, jsonObject, MOST_LEVELS } from './json-body.ts';

/** `{"customer_ids": {"registered": "…"}, "customer": {…}, "text": "…", "use_by": "2026-12-24T18:00:00Z"}` */
const bodySchema = z.object({
  customer_ids: jsonObject,
  customer: jsonObject.default({}),
  text: z.string().max(LONGEST_TEXT, `has more than ${LONGEST_TEXT} characters`).optional(),
  use_by: z.iso.datetime({ offset: true, error: 'must be a time such as 2026-12-24T18:00:00Z' }).optional(),
});

export type ParseWebhookRequest = { ok: true; request: WebhookRequest } | { ok: false; problems: string[] };

/** Where the hit was sent to. */
export interface Destination {
  program: Program;
  action: PassAction;
  template: Template;
  /** Types of ids, the one that names the customer first. */
  idTypes: readonly string[];
}

/** Reads and checks one customer. Problems name fields and never repeat what is in them. */
export function parseWebhookRequest(
  body: unknown,
  { program, action, template, idTypes }: Destination,
): ParseWebhookRequest {
  if (isDeeperThan(MOST_LEVELS, body)) return unfit(`is nested more than ${MOST_LEVELS} levels deep`);
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) {
    return unfit(...parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()));
  }
  const { customer: attributes, text, use_by: useBy } = parsed.data;
  const given = parsed.data.customer_ids;
  // The first of them names the customer.
  const ids = readIds(given, new Set([...idTypes, ...Object.keys(given)]));
  const problems = [...problemsOfIds(ids), ...problemsOf({ attributes, text, action, template })];
  if (problems.length > 0) return unfit(...problems);
  const request = makeWebhookRequest({
    action,
    program: program.name,
    customer: { ids, attributes },
    ...(text !== undefined && { text }),
    ...(useBy !== undefined && { useBy: Date.parse(useBy) }),
  });
  return { ok: true, request };
}

function unfit(...problems: string[]): ParseWebhookRequest & { ok: false } {
  return { ok: false, problems };
}

function problemsOfIds(ids: Readonly<Record<string, string>>): string[] {
  return Object.keys(ids).length > 0 ? [] : ['customer_ids needs an id: text that is not empty'];
}

interface Content extends Pick<Destination, 'action' | 'template'> {
  attributes: WebhookRequest['customer']['attributes'];
  text: string | undefined;
}

function problemsOf({ attributes, text, action, template }: Content): string[] {
  const missing = template.needs.filter((name) => (attributes[name] ?? '') === '');
  const hasCard = passIdOf({ ids: {}, attributes }) !== undefined;
  return [
    ...missing.map((name) => `customer.${name} is empty, and the template needs it`),
    ...(action === 'create' || hasCard
      ? []
      : ['customer.passmachine_pass_id is empty: there is no card to change']),
    ...(template.usesText && text === undefined ? ['text is missing: the template shows it'] : []),
  ];
}
