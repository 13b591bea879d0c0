/**
 * Runs the checks of `passbridge doctor` concurrently. Each yields findings: a check that throws or times
 * out yields an error, and secrets are redacted from every finding.
 */

import { withDeadline } from '../../kit/deadline.ts';

/** Only an error keeps passbridge from working. */
export type Level = 'ok' | 'warning' | 'error';

export interface Finding {
  /** Stable name in kebab case. */
  check: string;
  level: Level;
  /** One sentence without secrets. */
  message: string;
  /** What to do; with `ok`, what the operator may want to do. */
  fix?: string;
}

export interface Check {
  /** Names the finding if the check throws or times out. */
  name: string;
  /** Overrides the common timeout, in milliseconds. */
  timeoutMs?: number;
  run(): Promise<readonly Finding[]>;
}

interface RunOptions {
  timeoutMs: number;
  /** Texts to redact from findings. */
  secrets: readonly string[];
}

/** Returns functions that make findings of one check. */
export function findingsOf(check: string) {
  const finding =
    (level: Level) =>
    (message: string, fix?: string): Finding => ({
      check,
      level,
      message,
      ...(fix !== undefined && { fix }),
    });
  return { ok: finding('ok'), warning: finding('warning'), error: finding('error') };
}

/** Returns the findings in the order of the checks. Never rejects. */
export async function runChecks(
  checks: readonly Check[],
  { timeoutMs, secrets }: RunOptions,
): Promise<Finding[]> {
  const redact = makeRedact(secrets);
  const found = await Promise.all(checks.map((check) => runCheck(check, check.timeoutMs ?? timeoutMs)));
  return found
    .flat()
    .map(({ check, level, message, fix }) =>
      findingsOf(check)[level](redact(message), fix === undefined ? undefined : redact(fix)),
    );
}

class TimedOut extends Error {}

async function runCheck({ name, run }: Check, timeoutMs: number): Promise<readonly Finding[]> {
  const { error } = findingsOf(name);
  try {
    return await withDeadline(timeoutMs, run, () => new TimedOut());
  } catch (thrown) {
    return thrown instanceof TimedOut
      ? [error(`no result within ${timeoutMs / 1000} s`, 'Run passbridge doctor again.')]
      : [error(`the check failed: ${reasonOf(thrown)}`)];
  }
}

/** Returns an error as one line with its code: connection errors of several addresses have no message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  const parts = error.message.includes(code) ? [error.message] : [code, error.message];
  return parts.filter((part) => part !== '').join(': ') || error.name;
}

/** A shorter text would match in the middle of words, and protects nothing. */
const MIN_SECRET_LENGTH = 4;

function makeRedact(secrets: readonly string[]): (text: string) => string {
  const hidden = secrets
    .filter(({ length }) => length >= MIN_SECRET_LENGTH)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    // The longest must come first, because one secret may be the start of another.
    .toSorted((a, b) => b.length - a.length);
  return (text) => hidden.reduce((shown, secret) => shown.replaceAll(secret, '(hidden)'), text);
}
