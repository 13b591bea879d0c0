/** The script of faults in force. Rules are tried in the order in which they were added; the first that strikes wins. */

import type { CallKind, Side } from './call.ts';
import { type Fault, type FaultRule, faultRule } from './fault-rule.ts';
import type { Random } from './random.ts';

export interface FaultScript {
  /** Adds a rule behind the others and returns its id. Throws on a rule that breaks the schema. */
  add: (rule: FaultRule) => string;
  /** Whether there was such a rule. */
  remove(id: string): boolean;
  clear(): void;
  /** The rules with how many calls each matched and how often it struck. */
  list(): { id: string; rule: FaultRule; matched: number; struck: number }[];
}

/** Asked by the sandbox for each call. */
export interface FaultPicker {
  pick(side: Side, kind: CallKind, customer: string | undefined, body: string): Fault | undefined;
  /** The errors of a command in a batch, or undefined where it is let through. */
  refusal: (command: unknown) => string[] | undefined;
}

interface Active {
  id: string;
  rule: FaultRule;
  pattern: RegExp | undefined;
  matched: number;
  struck: number;
}

/** An empty script; `random` in [0, 1) decides about rules with a rate. */
export function makeFaults(random: Random): FaultScript & FaultPicker {
  let rules: Active[] = [];
  let lastId = 0;

  const strikes = (active: Active, customer: string | undefined, body: () => string): boolean => {
    const { rule, pattern } = active;
    if (
      pattern !== undefined &&
      !(customer !== undefined && pattern.test(customer)) &&
      !pattern.test(body())
    ) {
      return false;
    }
    active.matched += 1;
    if (active.matched <= (rule.skip ?? 0)) return false;
    if (active.struck >= (rule.times ?? Infinity)) return false;
    if (rule.rate !== undefined && random() >= rule.rate) return false;
    active.struck += 1;
    return true;
  };

  return {
    add(given) {
      const rule = faultRule.parse(given);
      const id = `fault-${++lastId}`;
      const pattern = rule.match === undefined ? undefined : new RegExp(rule.match);
      rules.push({ id, rule, pattern, matched: 0, struck: 0 });
      return id;
    },
    remove(id) {
      const before = rules.length;
      rules = rules.filter((active) => active.id !== id);
      return rules.length < before;
    },
    clear() {
      rules = [];
    },
    list: () => rules.map(({ id, rule, matched, struck }) => ({ id, rule, matched, struck })),
    pick(side, kind, customer, body) {
      return rules.find(
        (active) =>
          (active.rule.target === kind || active.rule.target === side) &&
          strikes(active, customer, () => body),
      )?.rule.fault;
    },
    refusal(command) {
      const fault = rules.find(
        (active) =>
          active.rule.target === 'command' && strikes(active, undefined, () => JSON.stringify(command)),
      )?.rule.fault;
      return typeof fault === 'object' && 'refuse' in fault ? fault.refuse : undefined;
    },
  };
}
