/** What can be made to go wrong, as data: one rule says which calls it aims at and what becomes of them. */

import { z } from 'zod';
import { callKinds } from './call.ts';

/** A kind of call, a whole side, or one command inside a batch. */
export const faultTargets = [...callKinds, 'passmachine', 'bloomreach', 'command'] as const;

/**
 * `hang-before` and `hang-after` never answer; `reset-before` and `reset-after` break the connection;
 * `before` means that nothing was applied, `after` that it was. `hang-midway` applies, sends the first
 * part of its answer and then nothing, `cut-midway` ends the connection there. `broken-json` applies
 * and answers with the first part of its body as if it were all, `slow` with all of it in slices.
 */
export const namedFaults = [
  'hang-before',
  'hang-after',
  'reset-before',
  'reset-after',
  'hang-midway',
  'cut-midway',
  'slow',
  'broken-json',
] as const;

const faultStatus = z.int().min(400).max(599);

const fault = z.union([
  /** Answers as usual: shields the calls it matches from the rules behind it. */
  z.literal(200),
  faultStatus,
  /** An error with `Retry-After` in seconds. */
  z.strictObject({ status: faultStatus, retryAfter: z.number().min(0) }),
  z.enum(namedFaults),
  /** Errors of one command in a batch whose other commands go through; only for `command`. */
  z.strictObject({ refuse: z.array(z.string()).min(1) }),
]);

export const faultRule = z
  .strictObject({
    target: z.enum(faultTargets),
    fault,
    /** Source of a regular expression, tried on the customer (`registered`) and on the body. */
    match: z.string().refine(isPattern, 'is not a regular expression').optional(),
    /** How often it strikes; without it, always. */
    times: z.int().min(1).optional(),
    /** How many matching calls it lets pass first. */
    skip: z.int().min(0).optional(),
    /** How likely it strikes a matching call. */
    rate: z.number().min(0).max(1).optional(),
  })
  .refine((rule) => (rule.target === 'command') === isRefusal(rule.fault), {
    message: 'commands can only be refused, and only commands can: use command with refuse',
  });

export type Fault = z.infer<typeof fault>;
export type FaultRule = z.infer<typeof faultRule>;

/** What a fault is called in the witness log, e.g. `500`, `429+2`, `hang-after`. */
export function faultName(value: Fault): string {
  if (typeof value !== 'object') return String(value);
  return 'refuse' in value ? 'refuse' : `${value.status}+${value.retryAfter}`;
}

function isRefusal(value: Fault): boolean {
  return typeof value === 'object' && 'refuse' in value;
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}
