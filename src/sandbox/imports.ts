/**
 * The stand-in Bloomreach's imports: each id is an import that was set up by hand, for customers with
 * one column for each id and property. Started, it fetches its file a moment later, as theirs do.
 */

import { parse } from 'csv-parse';
import { request } from 'undici';
import type { Clock } from '../kit/clock.ts';
import { type Answer, answer, type Call } from './call.ts';
import { isObject } from '../kit/is-object.ts';
import type { RunCommand } from './commands.ts';

interface ImportsOptions {
  /** Columns that are customer ids. */
  idTypes: readonly string[];
  /** What the import was set up to fetch its file with. */
  authorization: string | undefined;
  run: RunCommand;
  clock: Clock;
}

export interface Imports {
  start(call: Call): Answer;
  /** How each import ended, in the order in which they were started: its rows, or what went wrong. */
  readonly ended: readonly (number | string)[];
}

/** Nothing leaves this machine. */
const LOOPBACK = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/;

export function makeImports({ idTypes, authorization, run, clock }: ImportsOptions): Imports {
  const ended: (number | string)[] = [];

  const fetchRows = async (path: string): Promise<number> => {
    const headers = authorization === undefined ? {} : { authorization };
    const { statusCode, body } = await request(path, { headers });
    if (statusCode !== 200) throw new Error(`the file was answered with ${statusCode}`);
    const startedAt = clock() / 1000;
    let rows = 0;
    for await (const row of body.pipe(parse({ columns: true }))) {
      const cells = Object.entries(row as Record<string, string>);
      const ids = cells.filter(([name]) => idTypes.includes(name));
      const properties = cells.filter(([name, value]) => !idTypes.includes(name) && value !== '');
      run('customers', {
        customer_ids: Object.fromEntries(ids),
        properties: Object.fromEntries(properties),
        update_timestamp: startedAt,
      });
      rows += 1;
    }
    return rows;
  };

  return {
    ended,
    start({ json }) {
      const path = isObject(json) ? json['path'] : undefined;
      if (typeof path !== 'string' || !LOOPBACK.test(path)) {
        return answer(400, { success: false, errors: { _global: ['bad path'] } });
      }
      void fetchRows(path).then(
        (rows) => ended.push(rows),
        (error: unknown) => ended.push(String(error)),
      );
      return answer(200, { success: true }, { applied: true });
    },
  };
}
