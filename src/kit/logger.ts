/** Log lines as JSON, one wide line per unit of work. Secrets are cut out by name, wherever they stand. */

import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Field names whose values never reach a log. */
const secretFields = ['authorization', 'token', 'secret', 'password', 'apiSecret', 'secretToken'];

/**
 * Lines leave together, each some 4 kB or tenth of a second: a write for each costs as much as a tenth of a
 * job. What a process still holds is written when it ends, but for a `kill -9`.
 */
const gathered = { dest: 2, sync: false, minLength: 4096, periodicFlush: 100 } as const;

/** Opens a log; `level` is one of pino's, `silent` included. Written to stderr unless told otherwise. */
export function makeLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
    redact: secretFields.flatMap((field) => [field, `*.${field}`]),
  };
  return pino(options, destination ?? pino.destination(gathered));
}

/**
 * What an error says of itself, and nothing that hangs on it: a refusal of Redis carries the whole
 * command along, and with it a customer.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = pino.stdSerializers.err(error);
  return { type, message, stack, ...('code' in error && { code: error.code }) };
}
