/** Finds columns of text such as `true`, `false`, `0` and `1` that a template tests by their bare value. */

import type { PreflightWarning } from '../domain/campaigns/preflight-warning.ts';
import type { Customer } from '../domain/jobs/pass-job.ts';
import type { WarningCollector } from './warning-collector.ts';

/** Words that mean no, with the word of the same pair that means yes: those of databases, spreadsheets and CRMs. */
const YES_OF: Readonly<Record<string, string>> = {
  false: 'true',
  no: 'yes',
  n: 'y',
  f: 't',
  off: 'on',
  0: '1',
  ne: 'ano',
  nie: 'tak',
  nein: 'ja',
  nepravda: 'pravda',
  none: 'true',
  null: 'true',
  unsubscribed: 'subscribed',
};

const YES = new Set([...Object.values(YES_OF), 'áno']);

/** `0` and `0.00`, but not the number of a house with a letter. */
const NUMBER = /^[-+]?\d{1,15}(?:[.,]\d{1,15})?$/;
const ZERO = /^[-+]?0{1,15}(?:[.,]0{1,15})?$/;

type Meaning = 'yes' | 'no' | 'number' | 'other';

function meaningOf(text: string): Meaning {
  const word = text.trim().toLowerCase();
  if (Object.hasOwn(YES_OF, word) || ZERO.test(word)) return 'no';
  if (YES.has(word)) return 'yes';
  return NUMBER.test(word) ? 'number' : 'other';
}

/** Different texts of a column that are remembered. */
const KEPT = 6;

interface Column {
  byMeaning: Record<Meaning, Set<string>>;
  /** Rows whose text means no. */
  rows: number;
}

export function makeTruthColumns(attributes: readonly string[]): WarningCollector {
  const columns = new Map<string, Column>();
  return {
    add(_row, customer: Customer) {
      for (const attribute of attributes) {
        const value = Object.hasOwn(customer.attributes, attribute)
          ? customer.attributes[attribute]
          : undefined;
        if (typeof value !== 'string' || value === '') continue;
        const column = columns.get(attribute) ?? emptyColumn();
        columns.set(attribute, column);
        const meaning = meaningOf(value);
        if (column.byMeaning[meaning].size < KEPT) column.byMeaning[meaning].add(value);
        if (meaning === 'no') column.rows += 1;
      }
    },
    result: () => [...columns].flatMap(([attribute, column]) => warningOf(attribute, column)),
  };
}

function emptyColumn(): Column {
  return { byMeaning: { yes: new Set(), no: new Set(), number: new Set(), other: new Set() }, rows: 0 };
}

function warningOf(attribute: string, { byMeaning, rows }: Column): PreflightWarning[] {
  const { no, yes, number, other } = byMeaning;
  // Beside names and streets, an `N` or a `0` is a value of its own; `false` never is.
  const isFlag = other.size === 0 || [...no].some((text) => text.trim().toLowerCase() === 'false');
  if (rows === 0 || !isFlag) return [];
  const values = [...no, ...yes, ...number].slice(0, KEPT);
  const write = number.size > 0 ? `${pathOf(attribute)} | float > 0` : equalsYes(attribute, no, yes);
  return [{ kind: 'text-as-truth', attribute, values, rows, write: `(${write})` }];
}

function equalsYes(attribute: string, no: ReadonlySet<string>, yes: ReadonlySet<string>): string {
  const counterparts = [...no].map((text) => YES_OF[text.trim().toLowerCase()] ?? '1');
  const words = yes.size > 0 ? [...yes] : [...new Set(counterparts)];
  const literals = words.map((word) => `'${word}'`).join(', ');
  const test = words.length === 1 ? `== ${literals}` : `in [${literals}]`;
  return `${pathOf(attribute)} | default('') ${test}`;
}

function pathOf(attribute: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(attribute)
    ? `customer.${attribute}`
    : `customer[${JSON.stringify(attribute)}]`;
}
