/** What a customer's card would show, as one short text: the same as long as nothing on it changes. */

import { createHash } from 'node:crypto';
import type { Customer } from '../domain/jobs/pass-job.ts';
import type { Program } from '../domain/jobs/program.ts';

/** 96 bits: no two versions of one customer's data will ever meet. */
const LENGTH = 16;

/**
 * Of the create body, whatever is sent, so that all actions compare alike. The time is fixed: a
 * body that shows the hour would be another one each time. Undefined where it cannot be rendered.
 */
export function dataHash(program: Program, { attributes, ids }: Customer): string | undefined {
  // The code is left out: it does not change, and a card that has none yet must compare alike.
  const rendered = program.create.render({ customer: attributes, customer_ids: ids, time: 0, voucher: '' });
  if (!rendered.ok) return undefined;
  return createHash('sha256').update(JSON.stringify(rendered.body)).digest('base64url').slice(0, LENGTH);
}
