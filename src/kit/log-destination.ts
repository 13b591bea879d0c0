/**
 * The destination of log lines. Lines that cannot be written, e.g. to a terminal that was closed or to a full disk, must
 * not end the process: calls in flight still have to be recorded. They are written later or dropped.
 */

import { type DestinationStream, pino } from 'pino';

/** Lines kept in memory while they cannot be written; further ones are dropped. */
const MAX_PENDING_BYTES = 4 * 1024 * 1024;

/** Opens a destination. `onError` is called with the first error. */
export function openLogDestination(
  options: Exclude<Parameters<typeof pino.destination>[0], string | number | undefined>,
  onError: (error: Error) => void = () => {},
): DestinationStream {
  let hasFailed = false;
  let isFailing = false;
  const fail = (error: Error) => {
    isFailing = true;
    if (!hasFailed) onError(error);
    hasFailed = true;
  };
  try {
    const stream = pino.destination({ ...options, maxLength: MAX_PENDING_BYTES });
    stream.on('error', fail);
    stream.on('write', () => (isFailing = false));
    // sonic-boom repeats a failing synchronous flush for ever, so the process would never exit.
    const flushSync = stream.flushSync.bind(stream);
    stream.flushSync = () => {
      if (!isFailing) flushSync();
    };
    return stream;
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)));
    return { write: () => {} };
  }
}
