/** Log lines as JSON, one wide line per unit of work. Secrets are cut out by name, wherever they stand. */

import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Field names whose values never reach a log. */
const secretFields = ['authorization', 'token', 'secret', 'password', 'apiSecret', 'secretToken'];

/** Opens a log; `level` is one of pino's, `silent` included. Written to stderr unless told otherwise. */
export function makeLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: secretFields.flatMap((field) => [field, `*.${field}`]),
  };
  return pino(options, destination ?? pino.destination({ dest: 2, sync: false }));
}
