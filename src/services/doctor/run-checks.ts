/**
 * Carries checks out at the same time. Whatever one of them does, it comes to a finding: one that
 * throws is an error, and so is one that takes too long. No secret gets out.
 */

import { about, type Finding } from './finding.ts';
import { reasonOf } from './reason.ts';

export interface Check {
  /** What it is called where it does not get to name its own findings. */
  name: string;
  /** In place of the common limit. */
  limitMs?: number;
  look(): Promise<readonly Finding[]>;
}

interface RunOptions {
  /** The longest that a check may take. */
  limitMs: number;
  /** Texts that no finding may quote, whoever said them. */
  secrets: readonly string[];
}

/** The findings of all checks, in the order of the checks. Never rejects. */
export async function runChecks(
  checks: readonly Check[],
  { limitMs, secrets }: RunOptions,
): Promise<Finding[]> {
  const hide = makeHide(secrets);
  const found = await Promise.all(checks.map((check) => bounded(check, check.limitMs ?? limitMs)));
  return found
    .flat()
    .map(({ check, level, message, fix }) =>
      about(check)[level](hide(message), fix === undefined ? undefined : hide(fix)),
    );
}

async function bounded({ name, look }: Check, limitMs: number): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<readonly Finding[]>((resolve) => {
    const late = about(name).error(
      `could not be looked at within ${limitMs / 1000} s`,
      'Run passbridge doctor again.',
    );
    timer = setTimeout(() => resolve([late]), limitMs);
  });
  try {
    return await Promise.race([look(), tooLate]);
  } catch (error) {
    return [about(name).error(`could not be looked at: ${reasonOf(error)}`)];
  } finally {
    clearTimeout(timer);
  }
}

/** Shorter ones would take half of every message along, and guard nothing. */
const SHORTEST_SECRET = 4;

function makeHide(secrets: readonly string[]): (text: string) => string {
  const hidden = secrets
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    // One may be the beginning of another.
    .toSorted((a, b) => b.length - a.length);
  return (text) => hidden.reduce((shown, secret) => shown.replaceAll(secret, '(hidden)'), text);
}
