/** Finds text that another program read in a wrong encoding: the UTF-8 bytes of `Nová` as the letters `NovÃ¡`. */

import { misdecoded } from '../kit/text/misdecoded.ts';
import type { PreflightWarning } from '../domain/campaigns/preflight-warning.ts';
import type { WarningCollector } from './warning-collector.ts';

type DecodedTwice = Extract<PreflightWarning, { kind: 'decoded-twice' }>;

/** Columns that are warned about. */
const MAX_COLUMNS = 20;

export function makeDecodedTwice(): WarningCollector {
  const found = new Map<string, DecodedTwice>();
  return {
    add(row, { attributes }) {
      for (const attribute in attributes) {
        const value = attributes[attribute];
        const meant = typeof value === 'string' ? misdecoded(value) : undefined;
        if (typeof value !== 'string' || meant === undefined) continue;
        const earlier = found.get(attribute);
        if (earlier !== undefined) earlier.rows += 1;
        else if (found.size < MAX_COLUMNS)
          found.set(attribute, { kind: 'decoded-twice', attribute, value, meant, row, rows: 1 });
      }
    },
    result: () => [...found.values()],
  };
}
