/** Limits repeated warnings and errors, so that an outage does not flood the log. */

import { type Logger, type LoggerOptions, pino } from 'pino';

type LogMethod = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;
type LogArguments = Parameters<LogMethod>[0];

/** Lines of one kind that are logged in a window. */
const MAX_LOGGED = 10;
const WINDOW_MS = 60_000;
const MAX_KINDS = 1000;

const LIMITED_FROM = pino.levels.values['warn'] ?? 40;

interface Kind {
  since: number;
  logged: number;
  suppressed: number;
}

/**
 * Returns a log method that logs ten lines of one kind a minute from `warn` on: with the same event, code, cause and
 * error. The others are counted, and their number is logged as `log.suppressed` a minute after the first of them.
 */
export function limitRepeats({ windowMs = WINDOW_MS } = {}) {
  const kinds = new Map<string, Kind>();

  const find = (name: string): Kind => {
    const now = performance.now();
    const known = kinds.get(name);
    if (known !== undefined && now - known.since < windowMs) return known;
    if (kinds.size >= MAX_KINDS) kinds.clear();
    const kind = { since: now, logged: 0, suppressed: 0 };
    kinds.set(name, kind);
    return kind;
  };

  return (log: Logger, args: LogArguments, method: Parameters<LogMethod>[1], level: number): void => {
    if (level < LIMITED_FROM) return method.apply(log, args);
    const { name, event } = kindOf(args);
    const kind = find(name);
    if (kind.logged < MAX_LOGGED) {
      kind.logged += 1;
      return method.apply(log, args);
    }
    kind.suppressed += 1;
    if (kind.suppressed > 1) return;
    const report = () => {
      const fields = { event: 'log.suppressed', suppressed: event, count: kind.suppressed };
      kind.suppressed = 0;
      method.call(log, fields, 'further lines of this kind were left out');
    };
    setTimeout(report, windowMs).unref();
  };
}

/** Names what lines of one kind have in common. Their messages may differ, because they may name a job. */
function kindOf([fields, text]: readonly unknown[]): { name: string; event: string } {
  if (typeof fields !== 'object' || fields === null) return { name: String(fields), event: String(fields) };
  const { event = text, code, cause, err } = fields as Readonly<Record<string, unknown>>;
  const reason = err instanceof Error ? err.message : '';
  return { name: [event, code, cause, reason].join(' '), event: String(event) };
}
