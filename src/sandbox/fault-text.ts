/**
 * Fault rules as a person types them:
 *
 *     target ":" fault [ "x" times ] [ "/" skip ] [ "@" percent "%" ] [ "~" match ]
 *
 *     target  authenticate | create | patch | batch | customers | events | export
 *             | passmachine | bloomreach   (every call of that side)
 *             | command                    (one command in a batch)
 *     fault   200 | 400…599 [ "+" seconds of Retry-After ]
 *             | hang | hang-before | hang-after | hang-midway | reset-before | reset-after | cut-midway
 *             | broken-json | slow
 *             | refuse                     (only for command)
 *     match   a regular expression, up to the end of the text
 *
 *     create:500x3            the first three creates are answered 500
 *     create:429+2@5%         every twentieth create, by chance, is asked to wait 2 s
 *     create:reset-after/100  from the 101st on, cards are made and the connection breaks
 *     patch:404~^c-0017$      the card of one customer is gone
 *     create:422~@bad\.example"
 */

import { type Fault, type FaultRule, faultRule, faultTargets, namedFaults } from './fault-rule.ts';

export type ParsedFault = { ok: true; rule: FaultRule } | { ok: false; error: string };

const SHAPE =
  /^(?<target>[^:]*):(?<fault>\d+(?:\+[\d.]+)?|[a-z-]+?)(?:x(?<times>\d+))?(?:\/(?<skip>\d+))?(?:@(?<percent>[\d.]+)%)?(?:~(?<match>.+))?$/s;

/** Reads one rule; the error names the text, what is wrong with it and what is allowed. */
export function parseFaultRule(text: string): ParsedFault {
  const parts = SHAPE.exec(text)?.groups;
  if (parts === undefined) {
    return wrong(text, 'expected target:fault, then x times, / skip, @ percent %, ~ match, in this order');
  }
  const { target = '', fault: name = '', times, skip, percent, match } = parts;
  if (!faultTargets.some((known) => known === target)) {
    return wrong(text, `unknown target "${target}"; known are ${faultTargets.join(', ')}`);
  }
  const fault = readFault(name);
  if (fault === undefined) {
    const known = ['200', '400…599', '429+2', 'hang', ...namedFaults, 'refuse'].join(', ');
    return wrong(text, `unknown fault "${name}"; known are ${known}`);
  }
  const rule = faultRule.safeParse({
    target,
    fault,
    ...(times !== undefined && { times: Number(times) }),
    ...(skip !== undefined && { skip: Number(skip) }),
    ...(percent !== undefined && { rate: Number(percent) / 100 }),
    ...(match !== undefined && { match }),
  });
  if (rule.success) return { ok: true, rule: rule.data };
  const { path, message } = rule.error.issues[0] ?? { path: [], message: 'is not a rule' };
  return wrong(text, [...path.map(String), message].join(' '));
}

function readFault(name: string): Fault | undefined {
  if (name === 'hang') return 'hang-before';
  if (name === 'refuse') return { refuse: ['refused by the sandbox'] };
  const [status, retryAfter] = name.split('+').map(Number);
  if (status !== undefined && Number.isInteger(status)) {
    if (status !== 200 && (status < 400 || status > 599)) return undefined;
    return retryAfter === undefined ? status : { status, retryAfter };
  }
  return namedFaults.find((known) => known === name);
}

function wrong(text: string, why: string): ParsedFault {
  return { ok: false, error: `fault "${text}": ${why}` };
}
