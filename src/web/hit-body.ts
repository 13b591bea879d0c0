/** What a webhook says about one customer, as a hit, or what is wrong with it. */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Hit, makeHit } from '../job/hit.ts';
import { LONGEST_TEXT, type PassAction, passIdOf } from '../job/pass-job.ts';
import type { Program, Template } from '../job/program.ts';

/** `{"customer_ids": {"registered": "…"}, "customer": {…}, "text": "…", "use_by": "2026-12-24T18:00:00Z"}` */
const bodySchema = z.object({
  customer_ids: z
    .record(z.string(), z.union([z.string(), z.number().transform(String)]))
    .refine((ids) => Object.values(ids).some((id) => id.trim() !== ''), 'needs an id that is not empty'),
  customer: z.record(z.string(), z.unknown()).default({}),
  text: z.string().max(LONGEST_TEXT, `has more than ${LONGEST_TEXT} characters`).optional(),
  use_by: z.iso.datetime({ offset: true, error: 'must be a time such as 2026-12-24T18:00:00Z' }).optional(),
});

export type ReadHit = { ok: true; hit: Hit; content: string } | { ok: false; problems: string[] };

/** Where the hit was sent to. */
export interface Destination {
  program: Program;
  action: PassAction;
  template: Template;
  /** Types of ids, the one that names the customer first. */
  idTypes: readonly string[];
}

/** Reads and checks one customer; `content` is a digest that is the same for the same hit. */
export function readHit(body: unknown, { program, action, template, idTypes }: Destination): ReadHit {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) {
    return {
      ok: false,
      problems: parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()),
    };
  }
  const { customer_ids: given, customer: attributes, text, use_by: useBy } = parsed.data;
  const problems = problemsOf({ attributes, text, action, template });
  if (problems.length > 0) return { ok: false, problems };
  const hit = makeHit({
    action,
    program: program.name,
    customer: { ids: inOrder(given, idTypes), attributes },
    ...(text !== undefined && { text }),
    ...(useBy !== undefined && { useBy: Date.parse(useBy) }),
  });
  return { ok: true, hit, content: createHash('sha256').update(JSON.stringify(hit)).digest('base64url') };
}

interface Content extends Pick<Destination, 'action' | 'template'> {
  attributes: Hit['customer']['attributes'];
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

/** Ids without blanks, the one that names the customer first. */
function inOrder(
  given: Readonly<Record<string, string>>,
  idTypes: readonly string[],
): Record<string, string> {
  const types = [
    ...idTypes.filter((type) => type in given),
    ...Object.keys(given).filter((type) => !idTypes.includes(type)),
  ];
  const ids = types.map((type) => [type, given[type]?.trim() ?? ''] as const);
  return Object.fromEntries(ids.filter(([, id]) => id !== ''));
}
