/** Fault rules: which calls a rule targets and what happens to them, as data and in the notation of the command line. */

import { z } from 'zod';
import { callKinds } from './call.ts';

/** A kind of call, all calls of one upstream, or one command inside a batch. */
export const faultTargets = [...callKinds, 'passmachine', 'bloomreach', 'command'] as const;

/**
 * `hang-…` never answers, `reset-…` breaks the connection: `…-before` applies nothing, `…-after` applies the call
 * first. `hang-midway` applies the call and stalls after the first part of its answer, `cut-midway` closes the
 * connection there. `broken-json` applies it and answers with half of the body, `truncated-2xx` with all but its last
 * character, both framed as if they were whole. `500-after`, `502-after`, `503-after` apply it and answer with that
 * status, `html-after` with 200 and a gateway's page; calls that are refused anyway keep their answer. `slow` answers in
 * small slices.
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
  'truncated-2xx',
  '500-after',
  '502-after',
  '503-after',
  'html-after',
] as const;

const faultStatus = z.int().min(400).max(599);

const fault = z.union([
  /** Answers as usual: exempts the matching calls from later rules. */
  z.literal(200),
  faultStatus,
  /** An error with `Retry-After` in seconds. */
  z.strictObject({ status: faultStatus, retryAfter: z.number().min(0) }),
  z.enum(namedFaults),
  /** Errors of one command in a batch whose other commands succeed; only for `command`. */
  z.strictObject({ refuse: z.array(z.string()).min(1) }),
]);

export const faultRule = z
  .strictObject({
    target: z.enum(faultTargets),
    fault,
    /** A regular expression, matched against the customer (`registered`) and the body. */
    match: z.string().refine(isPattern, 'is not a regular expression').optional(),
    /** How many calls it affects; absent for all. */
    times: z.int().min(1).optional(),
    /** How many matching calls it exempts first. */
    skip: z.int().min(0).optional(),
    /** Probability (0 to 1) that it affects a matching call. */
    rate: z.number().min(0).max(1).optional(),
  })
  .refine((rule) => (rule.target === 'command') === isRefusal(rule.fault), {
    message: 'commands can only be refused, and only commands can: use command with refuse',
  });

export type Fault = z.infer<typeof fault>;
export type FaultRule = z.infer<typeof faultRule>;

/** Returns the name of a fault in the witness log, e.g. `500`, `429+2`, `hang-after`. */
export function faultName(value: Fault): string {
  if (typeof value !== 'object') return String(value);
  return 'refuse' in value ? 'refuse' : `${value.status}+${value.retryAfter}`;
}

export type ParsedFault = { ok: true; rule: FaultRule } | { ok: false; error: string };

const NOTATION =
  /^(?<target>[^:]*):(?<fault>\d+(?:\+[\d.]+)?|truncated-2xx|(?:\d+-)?[a-z-]+?)(?:x(?<times>\d+))?(?:\/(?<skip>\d+))?(?:@(?<percent>[\d.]+)%)?(?:~(?<match>.+))?$/s;

/**
 * Parses a rule in the notation of the command line. The error names the text, the problem and the allowed values.
 *
 *     target ":" fault [ "x" times ] [ "/" skip ] [ "@" percent "%" ] [ "~" match ]
 *
 *     target  authenticate | create | patch | batch | customers | events | import | export
 *             | passmachine | bloomreach   (all calls of that upstream)
 *             | command                    (one command in a batch)
 *     fault   200 | 400…599 [ "+" seconds of Retry-After ]
 *             | hang | hang-before | hang-after | hang-midway | reset-before | reset-after | cut-midway
 *             | 500-after | 502-after | 503-after | html-after | broken-json | truncated-2xx | slow
 *             | refuse                     (only for command)
 *     match   a regular expression, up to the end of the text
 *
 *     create:500x3            the first three creates are answered 500
 *     create:429+2@5%         5 % of the creates, at random, are answered 429 with Retry-After: 2
 *     create:reset-after/100  from the 101st create on, the card is made and the connection breaks
 *     create:502-after@5%     5 % of the creates make their card and are answered 502
 *     patch:404~^c-0017$      the card of one customer is gone
 *     create:422~@bad\.example"
 */
export function parseFaultRule(text: string): ParsedFault {
  const parts = NOTATION.exec(text)?.groups;
  if (parts === undefined) {
    return wrong(text, 'expected target:fault, then x times, / skip, @ percent %, ~ match, in this order');
  }
  const { target = '', fault: name = '', times, skip, percent, match } = parts;
  if (!faultTargets.some((known) => known === target)) {
    return wrong(text, `unknown target "${target}"; known are ${faultTargets.join(', ')}`);
  }
  const parsed = parseFault(name);
  if (parsed === undefined) {
    const known = ['200', '400…599', '429+2', 'hang', ...namedFaults, 'refuse'].join(', ');
    return wrong(text, `unknown fault "${name}"; known are ${known}`);
  }
  const rule = faultRule.safeParse({
    target,
    fault: parsed,
    ...(times !== undefined && { times: Number(times) }),
    ...(skip !== undefined && { skip: Number(skip) }),
    ...(percent !== undefined && { rate: Number(percent) / 100 }),
    ...(match !== undefined && { match }),
  });
  if (rule.success) return { ok: true, rule: rule.data };
  const { path, message } = rule.error.issues[0] ?? { path: [], message: 'is not a rule' };
  return wrong(text, [...path.map(String), message].join(' '));
}

function parseFault(name: string): Fault | undefined {
  if (name === 'hang') return 'hang-before';
  if (name === 'refuse') return { refuse: ['refused by the sandbox'] };
  const [status, retryAfter] = name.split('+').map(Number);
  if (status !== undefined && Number.isInteger(status)) {
    if (status !== 200 && (status < 400 || status > 599)) return undefined;
    return retryAfter === undefined ? status : { status, retryAfter };
  }
  return namedFaults.find((known) => known === name);
}

function wrong(text: string, problem: string): ParsedFault {
  return { ok: false, error: `fault "${text}": ${problem}` };
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
