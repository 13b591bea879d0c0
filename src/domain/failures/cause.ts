/**
 * The cause of a failure: its code and its detail with the variable parts masked, so that 50,000 failures that
 * differ only in an id share one cause, and two error messages are two causes. Viewers see it and it is stored apart
 * from the failures, so it names no customer: of a text that passbridge did not write, only known words are kept.
 */

import { type Failure, type FailureCode, failureKinds } from './failure.ts';
import { keepKnownWords } from './known-words.ts';

export interface Cause {
  /** The code, a dot and a digest, e.g. `PM_REFUSED.3k9x0f2m1a`; the same in all campaigns. */
  id: string;
  code: FailureCode;
  /** The masked detail, ≤ 160 characters; `…` replaces the variable parts. */
  pattern: string;
}

const MASK = '…';

/** Characters. Details are truncated at 300, at a point that shifts with the ids in them, so their ends do not compare. */
const PATTERN_LIMIT = 160;
const DETAIL_LIMIT = 300;

/** Returns the cause of a failure. */
export function causeOf(failed: Pick<Failure, 'code' | 'detail' | 'status'>): Cause {
  const { code, detail } = failed;
  const pattern = patternOf(detail, isForeign(failed) ? keepKnownWords : keepAll);
  return { id: `${code}.${digestOf(pattern)}`, code, pattern };
}

/** Returns the cause that collects the failures of a code once a campaign has too many causes. */
export function overflowCause(code: FailureCode): Cause {
  return { id: `${code}.others`, code, pattern: MASK };
}

/** Returns the code of a cause, by the cause's id. */
export function codeOfCause(id: string): FailureCode {
  return id.slice(0, id.indexOf('.')) as FailureCode;
}

/** Whether a cause is selected. `selected` holds ids, or codes, which match all of their causes; undefined matches all. */
export function matchesCause(selected: readonly string[] | undefined, id: string): boolean {
  return selected === undefined || selected.some((one) => one === id || id.startsWith(`${one}.`));
}

/**
 * Returns the detail of a failure without what may identify a customer: for heartbeats, alerts and everything else that
 * is stored or shown without a failure record, which `forget` would find.
 */
export function impersonalDetail(failed: Pick<Failure, 'code' | 'detail' | 'status'>): string {
  if (!isForeign(failed)) return failed.detail;
  const { pattern } = causeOf(failed);
  // The status says more than the words that are left, and identifies no customer.
  return failed.status === undefined
    ? pattern
    : pattern.replace(`answered ${MASK}`, `answered ${failed.status}`);
}

/** Failures whose detail is the message of an error that passbridge did not expect. */
const unexpected = new Set<FailureCode>(['JOB_BUG', 'PM_UNKNOWN_CRASH']);

/** Whether the detail may be an answer of an upstream, or the message of an unexpected error. */
function isForeign({ code, status }: Pick<Failure, 'code' | 'status'>): boolean {
  return status !== undefined || failureKinds[code].upstream === 'healthy' || unexpected.has(code);
}

type KeepWords = (text: string) => string;

const keepAll: KeepWords = (text) => text;

function patternOf(detail: string, keep: KeepWords): string {
  // The last word of a truncated detail may be incomplete.
  const whole = detail.length < DETAIL_LIMIT ? detail : detail.replace(/(?<![^\s"'])[^\s"']+$/, '');
  const masked = /^\s*[[{]/.test(whole) ? maskJson(whole, keep) : maskText(whole, keep);
  return masked
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/…(?:[ ,;.'’_-]*…)+/g, MASK)
    .trim()
    .slice(0, PATTERN_LIMIT)
    .trimEnd();
}

/** Quoted text, up to the end of the detail if the closing quote was truncated. An apostrophe is not a quote. */
const quoted = /"(?:[^"\\]|\\[\s\S]|\\$)*(?:"|$)|(?<![\p{L}\d])'[^']*'(?![\p{L}\d])/gu;
const email = /(?<![^\s"'<>(),;:@])[^\s"'<>(),;:@]+@[^\s"'<>(),;:@]+/g;
/** Numbers, UUIDs, ids such as `c-17`: any word with a digit. A dot ends a word unless it is inside a number. */
const withDigit = /(?<![\p{L}\d_-])[\p{L}\d_-]*\d(?:[\p{L}\d_-]|[.,:](?=\d))*/gu;
/** Longer than any word, so probably a token. */
const longWord = /[\p{L}_-]{32,}/gu;

function maskText(text: string, keep: KeepWords): string {
  const masked = text
    .replaceAll(quoted, MASK)
    .replaceAll(email, MASK)
    .replaceAll(withDigit, MASK)
    .replaceAll(longWord, MASK);
  return keep(masked);
}

/** Members of an error body that describe the error. All others hold data of this customer or this call. */
const descriptiveMember =
  /err|fault|problem|reason|cause|mess|msg|detail|desc|hint|info|title|type|code|field|path|pointer|param|attribute|property|status/i;

/** Masks a JSON body, possibly truncated: keeps the names of its members, and the values of descriptive ones. */
function maskJson(text: string, keep: KeepWords): string {
  let isDescriptive = true;
  const masked = text.replaceAll(
    /"((?:[^"\\]|\\[\s\S]|\\$)*)(?:"(\s*:)?|$)/g,
    (_all, content: string, colon: string | undefined) => {
      if (colon !== undefined) isDescriptive = descriptiveMember.test(content);
      if (!isDescriptive && colon === undefined) return MASK;
      return maskText(content.replaceAll(/\\(.)/g, '$1'), keep) + (colon ?? '');
    },
  );
  return masked.replaceAll(withDigit, MASK);
}

/** Returns the 64-bit FNV-1a hash of the UTF-16 units, folded to 50 bits, in base 36: ten characters. */
function digestOf(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n);
  }
  return BigInt.asUintN(50, hash ^ (hash >> 50n))
    .toString(36)
    .padStart(10, '0');
}
