/**
 * Simulates Bloomreach's imports: each id stands for an import that was set up manually, for customers, with one column
 * per id and property. A started import fetches its file asynchronously, as Bloomreach does.
 */

import { parse } from 'csv-parse';
import { request } from 'undici';
import type { Clock } from '../kit/clock.ts';
import { isObject } from '../kit/is-object.ts';
import { type Answer, answer, type Call } from './call.ts';
import type { RunCommand } from './commands.ts';

interface ImportsOptions {
  /** Columns that are customer ids. */
  idTypes: readonly string[];
  /** The `Authorization` header that the import sends to fetch its file. */
  authorization: string | undefined;
  run: RunCommand;
  clock: Clock;
}

export interface Imports {
  start(call: Call): Answer;
  /** Keeps imports that are started from now on from fetching their files, as a busy Bloomreach does. */
  hold(): void;
  /** Lets the imports on hold fetch their files, in the order that `order` returns. */
  release(order?: <T>(waiting: T[]) => T[]): void;
  /** The result of each import, in the order in which they ended: its rows, or an error. */
  readonly ended: readonly (number | string)[];
}

/** Only files on this machine are fetched. */
const LOOPBACK = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/;

export function makeImports({ idTypes, authorization, run, clock }: ImportsOptions): Imports {
  const ended: (number | string)[] = [];
  /** Imports on hold; undefined: imports run immediately. */
  let held: (() => void)[] | undefined;

  const fetchRows = async (path: string): Promise<number> => {
    const headers = authorization === undefined ? {} : { authorization };
    const { statusCode, body } = await request(path, { headers });
    if (statusCode !== 200) throw new Error(`fetching the file failed with status ${statusCode}`);
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
    hold() {
      held ??= [];
    },
    release(order = (waiting) => waiting) {
      const waiting = held ?? [];
      held = undefined;
      for (const fetchFile of order(waiting)) fetchFile();
    },
    start({ json }) {
      const path = isObject(json) ? json['path'] : undefined;
      if (typeof path !== 'string' || !LOOPBACK.test(path)) {
        return answer(400, { success: false, errors: { _global: ['bad path'] } });
      }
      const fetchFile = () =>
        void fetchRows(path).then(
          (rows) => ended.push(rows),
          (error: unknown) => ended.push(String(error)),
        );
      if (held === undefined) fetchFile();
      else held.push(fetchFile);
      return answer(200, { success: true }, { applied: true });
    },
  };
}
