/**
 * How a leaf's value travels through the engine, which only prints text: a leaf that is exactly one
 * `{{ expression }}` keeps the expression's type, any other leaf is a string.
 */

import type { Json } from '../../domain/jobs/program.ts';
import { soleExpression } from '../jinja/tags.ts';

/** Name of the expression's value inside the wrapping; an error there is an error of the expression. */
const VALUE = 'passbridge_value';

/** A template that prints the leaf's value so that {@link readLeaf} can tell its type. Scoped: what it sets stays inside. */
export function wrapLeaf(source: string): string {
  const expression = soleExpression(source);
  const inside =
    expression === undefined
      ? `s${source}`
      : `{% set ${VALUE} = ${expression} %}` +
        `{% if ${VALUE} is string %}s{{ ${VALUE} }}` +
        // To JSON, absent would be null; printing it is an error, which is what is wanted.
        `{% elif ${VALUE} is undefined %}{{ ${VALUE} }}` +
        `{% else %}j{{ ${VALUE}|tojson }}{% endif %}`;
  // The full stop keeps a `{` at the end of the source from joining the tag after it.
  return `{% with %}${inside}.{% endwith %}`;
}

/** The value of a leaf from what {@link wrapLeaf}'s template printed. */
export function readLeaf(printed: string): Json {
  const text = printed.slice(1, -1);
  if (printed.startsWith('s')) return text;
  // A whole number that JSON would round, e.g. of a card with 20 digits, keeps its digits as text.
  if (/^-?\d{16,}$/.test(text) && !Number.isSafeInteger(Number(text))) return text;
  return JSON.parse(text) as Json;
}

/** The part of the source at fault, in the user's own words. */
export function unwrapSpan(at: string | undefined, source: string): string | undefined {
  return at === VALUE ? soleExpression(source) : at;
}
