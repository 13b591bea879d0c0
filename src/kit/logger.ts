/** Structured JSON logs: one wide line per unit of work. Secrets are redacted by field name. */

import { hostname } from 'node:os';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { limitRepeats } from './logs/log-repeats.ts';
import { packageVersion } from './runtime/package-files.ts';
import { visible } from './text/visible.ts';

export type { Logger } from 'pino';

/** Field names whose values must never reach a log. */
const secretFields = ['authorization', 'token', 'secret', 'password', 'apiSecret', 'secretToken'];

/**
 * Lines are written to stderr in blocks of 4 kB or every 100 ms: one write per line would cost a tenth
 * of the time of a job. The buffer is flushed when the process exits, but is lost on `kill -9`.
 */
const bufferedStderr = { dest: 2, sync: false, minLength: 4096, periodicFlush: 100 } as const;

/** Opens a log; `level` is one of pino's, including `silent`. Writes to stderr by default. */
export function makeLogger(level: string, destination?: DestinationStream): Logger {
  const logLimited = limitRepeats();
  const options: LoggerOptions = {
    level,
    base: { version: packageVersion(), host: hostname(), pid: process.pid },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
    // A log is read at a terminal, too. Escaped, it is the same JSON.
    hooks: {
      streamWrite: visible,
      logMethod(args, method, levelNumber) {
        logLimited(this, args, method, levelNumber);
      },
    },
    redact: secretFields.flatMap((field) => [field, `*.${field}`]),
  };
  return pino(options, destination ?? openLogDestination(bufferedStderr));
}

/**
 * Serializes the standard fields of an error only: a Redis reply error carries the whole command, which
 * may contain customer data.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = pino.stdSerializers.err(error);
  return { type, message, stack, ...('code' in error && { code: error.code }) };
}

/** Lines kept in memory while they cannot be written; further ones are dropped. */
const MAX_PENDING_BYTES = 4 * 1024 * 1024;

/**
 * Opens a destination of log lines. Lines that cannot be written, e.g. to a terminal that was closed or to a full disk,
 * must not end the process, because calls in flight still have to be recorded: they are written later or dropped.
 * `onError` is called with the first error.
 */
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

/** How often a problem that lasts is logged again. */
const REPEAT_EVERY_MS = 60_000;
const MAX_REMEMBERED = 100;

/** Returns a function that says whether a problem should be logged: the first time, then once a minute while it lasts. */
export function makeLogThrottle(): (problem: unknown) => boolean {
  const loggedAt = new Map<string, number>();
  return (problem) => {
    const text = String(problem);
    const now = performance.now();
    if (now - (loggedAt.get(text) ?? -Infinity) < REPEAT_EVERY_MS) return false;
    if (loggedAt.size >= MAX_REMEMBERED) loggedAt.clear();
    loggedAt.set(text, now);
    return true;
  };
}
