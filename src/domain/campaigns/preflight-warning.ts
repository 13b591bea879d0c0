/** What a preflight finds that is valid and probably not meant. Nothing is refused because of it. */

import { formatCount } from '../presentation/format.ts';

export type PreflightWarning =
  /** A template or the condition tests a column of text by its bare value, and every text but an empty one is true. */
  | {
      kind: 'text-as-truth';
      attribute: string;
      /** Different texts in the column, the ones that mean no first. */
      values: string[];
      /** Rows whose text means no. */
      rows: number;
      /** The expression to write instead. */
      write: string;
    }
  /** E-mail ids that differ from an earlier one only in case or Unicode form. */
  | { kind: 'similar-ids'; ids: string[]; rows: number }
  /** Text that was read in a wrong encoding before it was exported: `NovÃ¡` for `Nová`. */
  | { kind: 'decoded-twice'; attribute: string; value: string; meant: string; row: number; rows: number };

/** Says what is wrong, where, and what to do. */
export function describeWarning(warning: PreflightWarning): string {
  switch (warning.kind) {
    case 'text-as-truth': {
      const { attribute, values, rows, write } = warning;
      const texts = values.map((value) => JSON.stringify(value)).join(', ');
      return `customer.${attribute} is tested as true or false, but its column is text (${texts}), and every text counts as true: ${formatCount(rows, 'row')} with a no ${rows === 1 ? 'counts' : 'count'} as yes. Write ${write} instead of customer.${attribute}.`;
    }
    case 'similar-ids': {
      const { ids, rows } = warning;
      return `${formatCount(rows, 'id differs', 'ids differ')} from another id only in case: ${ids.join(', ')}. passbridge sends to each. If your Bloomreach project lowercases ids, they are one customer, who gets several cards: lowercase the id column and export it again.`;
    }
    case 'decoded-twice': {
      const { attribute, value, meant, row, rows } = warning;
      return `customer.${attribute} was decoded twice in ${formatCount(rows, 'row')}: row ${row} has “${value}”, probably meant as “${meant}”. Export it again with the right encoding, unless it is meant.`;
    }
    default:
      return warning satisfies never;
  }
}
