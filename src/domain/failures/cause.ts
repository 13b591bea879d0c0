/**
 * Why things failed, as one reads it: a code, and what the other side said with its variable parts
 * masked. Fifty thousand failures that differ in an id are one cause, two messages are two.
 */

import type { Failure, FailureCode } from './failure.ts';

export interface Cause {
  /** Its code, a dot and a digest, e.g. `PM_REFUSED.3k9x0f2m1a`; the same wherever it strikes. */
  id: string;
  code: FailureCode;
  /** The masked detail, ≤ 160 characters; `…` stands for what differs. */
  pattern: string;
}

const MASK = '…';

/** Characters. Details are cut at 300, at a place that moves with their ids: their ends do not compare. */
const PATTERN_LIMIT = 160;
const DETAIL_LIMIT = 300;

/** The cause of a failure. */
export function causeOf({ code, detail }: Pick<Failure, 'code' | 'detail'>): Cause {
  const pattern = patternOf(detail);
  return { id: `${code}.${digestOf(pattern)}`, code, pattern };
}

/** The cause that takes all further ones of a code in a campaign that has too many. */
export function othersOf(code: FailureCode): Cause {
  return { id: `${code}.others`, code, pattern: MASK };
}

/** The code that a cause's id begins with. */
export function codeOfCause(id: string): FailureCode {
  return id.slice(0, id.indexOf('.')) as FailureCode;
}

/** Whether a cause is wanted; `wanted` holds ids, or codes for all causes of theirs. Absent: every one is. */
export function isAmong(wanted: readonly string[] | undefined, id: string): boolean {
  return wanted === undefined || wanted.some((one) => one === id || id.startsWith(`${one}.`));
}

function patternOf(detail: string): string {
  // The last word of a detail that was cut may be half a word.
  const whole = detail.length < DETAIL_LIMIT ? detail : detail.replace(/[^\s"']+$/, '');
  const masked = /^\s*[[{]/.test(whole) ? maskJson(whole) : maskText(whole);
  return masked
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/…(?:[ ,;]*…)+/g, MASK)
    .trim()
    .slice(0, PATTERN_LIMIT)
    .trimEnd();
}

/** What stands in quotes, up to the end where the closing one was cut off; an apostrophe is no quote. */
const quoted = /"(?:[^"\\]|\\.)*(?:"|$)|(?<![\p{L}\d])'[^']*'(?![\p{L}\d])/gu;
const email = /[^\s"'<>(),;:@]+@[^\s"'<>(),;:@]+/g;
/** Numbers, UUIDs, ids such as `c-17`: whatever has a digit. Dots part words, but not inside a number. */
const withDigit = /[\p{L}\d_-]*\d(?:[\p{L}\d_-]|[.,:](?=\d))*/gu;
/** Longer than any word. */
const endless = /[\p{L}_-]{32,}/gu;

function maskText(text: string): string {
  return text
    .replaceAll(quoted, MASK)
    .replaceAll(email, MASK)
    .replaceAll(withDigit, MASK)
    .replaceAll(endless, MASK);
}

/** Members of an error answer that say what is wrong; any other one tells of this customer or this call. */
const telling =
  /err|fault|problem|reason|cause|mess|msg|detail|desc|hint|info|title|type|code|field|path|pointer|param|attribute|property|status/i;

/** An answer in JSON, perhaps cut: the names of its members stay, and of their values those that tell. */
function maskJson(text: string): string {
  let tells = true;
  const masked = text.replaceAll(
    /"((?:[^"\\]|\\.)*)(?:"(\s*:)?|$)/g,
    (_all, content: string, colon: string | undefined) => {
      if (colon !== undefined) tells = telling.test(content);
      if (!tells && colon === undefined) return MASK;
      return maskText(content.replaceAll(/\\(.)/g, '$1')) + (colon ?? '');
    },
  );
  return masked.replaceAll(withDigit, MASK);
}

/** FNV-1a over UTF-16 units in 64 bits, folded to 50, in base 36: ten characters. */
function digestOf(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n);
  }
  return BigInt.asUintN(50, hash ^ (hash >> 50n))
    .toString(36)
    .padStart(10, '0');
}
