/** What a look at the installation found, one line for a person each. */

/** Only an error keeps passbridge from working; an `info` is something that only a person can look up. */
export type Level = 'ok' | 'info' | 'warning' | 'error';

export interface Finding {
  /** What was looked at, in kebab-case; the same one every time. */
  check: string;
  level: Level;
  /** A sentence without secrets. */
  message: string;
  /** What to do about it. */
  fix?: string;
}

/** Findings about one thing. */
export function about(check: string) {
  const found =
    (level: Level) =>
    (message: string, fix?: string): Finding => ({
      check,
      level,
      message,
      ...(fix !== undefined && { fix }),
    });
  return { ok: found('ok'), info: found('info'), warning: found('warning'), error: found('error') };
}
