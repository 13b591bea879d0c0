/** Filters of texts. */

import { count, text } from '../../python/arguments.ts';
import { charactersOf, lengthOf, sliceText, splitLines } from '../../python/code-points.ts';
import { listOf, lengthIfAny } from '../../python/iterate.ts';
import { capitalize } from '../../python/letter-case.ts';
import { replaceText } from '../../python/methods/text-search.ts';
import { centerShares, padText, stripText } from '../../python/methods/text-shape.ts';
import { formatPercent } from '../../python/percent-format.ts';
import { str } from '../../python/print.ts';
import { failed, misused } from '../../python/py-error.ts';
import { isTrue, PyDict, PyTuple, SafeText, textOf, Undefined, type Value } from '../../python/values.ts';
import { filter, onlyText, textFilter } from './bind-filter.ts';
import type { Filter } from './library.ts';
import { wrapText } from './wrap-text.ts';

/** A word starts at the beginning, and after a hyphen, white space or an opening bracket. */
function titleText(given: string): string {
  const parts = given.split(/([-\s({[<]+)/);
  return parts
    .map((part) => {
      const [first = ''] = charactersOf(part);
      return first.toUpperCase() + part.slice(first.length).toLowerCase();
    })
    .join('');
}

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
};

function escapeHtml(given: string): SafeText {
  return new SafeText(given.replace(/[&<>'"]/g, (character) => ESCAPED[character] ?? ''));
}

const escape = filter('escape', [], (piped, _, { meter }) => {
  if (piped instanceof SafeText) return piped;
  const printed = str(piped, meter);
  meter.text(printed.length * 6);
  return escapeHtml(printed);
});

/** Leeway of `truncate`, as Jinja2 has it by default. */
const LEEWAY = 5n;

const truncate = filter(
  'truncate',
  ['length?', 'killwords?', 'end?', 'leeway?'],
  (piped, [length = 255n, killsWords = false, end = '...', leeway = null], { meter }) => {
    const most = count(length, 'truncate');
    const ending = text(end, 'truncate');
    const slack = count(leeway ?? LEEWAY, 'truncate');
    const endLength = lengthOf(ending);
    if (most < endLength || slack < 0) throw misused('truncate needs a length that its end fits into');
    if ((lengthIfAny(piped) ?? Infinity) <= most + slack) return piped;
    const given = onlyText(piped, 'truncate');
    meter.text(given.length);
    const cut = sliceText(given, 0, most - endLength);
    const space = cut.lastIndexOf(' ');
    const kept = isTrue(killsWords) || space === -1 ? cut : cut.slice(0, space);
    return piped instanceof SafeText ? new SafeText(kept + ending) : kept + ending;
  },
);

const indent = filter(
  'indent',
  ['width?', 'first?', 'blank?'],
  (piped, [width = 4n, first = false, blank = false], { meter }) => {
    const margin = textOf(width) ?? ' '.repeat(Math.max(0, Math.min(count(width, 'indent'), 1_000_000)));
    const given = onlyText(piped, 'indent');
    const lines = splitLines(`${given}\n`);
    meter.text(given.length + lines.length * margin.length);
    const indented = lines.map((line, index) =>
      index > 0 && (isTrue(blank) || line !== '') ? margin + line : line,
    );
    return (isTrue(first) ? margin : '') + indented.join('\n');
  },
);

const format: Filter = (piped, { positional, named }, { meter }) => {
  if (positional.length > 0 && named.size > 0) throw misused('format takes either values or named values');
  const values = named.size > 0 ? new PyDict(named) : new PyTuple(positional);
  return formatPercent(str(piped, meter), values, meter);
};

/** Percent-encodes all bytes but those of letters, digits and `_.-~`, and `/` unless told to. */
function quoteUrl(given: string, isQuery: boolean): string {
  let quoted: string;
  try {
    quoted = encodeURIComponent(given);
  } catch {
    throw failed('urlencode was given a text with half a character');
  }
  quoted = quoted.replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return isQuery ? quoted.replaceAll('%20', '+') : quoted.replaceAll('%2F', '/');
}

const urlencode = filter('urlencode', [], (piped, _, { meter }) => {
  const quote = (value: Value, isQuery: boolean) => {
    const printed = str(value, meter);
    meter.text(printed.length * 9);
    return quoteUrl(printed, isQuery);
  };
  if (textOf(piped) !== undefined || lengthIfAny(piped) === undefined || piped instanceof Undefined)
    return quote(piped, false);
  const pairs =
    piped instanceof PyDict ? piped.entries() : listOf(piped, meter).map((pair) => listOf(pair, meter));
  return pairs
    .map(([key, value, ...others]) => {
      if (key === undefined || value === undefined || others.length > 0)
        throw failed('urlencode needs a text, a dict, or pairs of a name and a value');
      return `${quote(key, true)}=${quote(value, true)}`;
    })
    .join('&');
});

const replace = filter(
  'replace',
  ['old', 'new', 'count?'],
  (piped, [old = '', next = '', times = null], { meter }) =>
    replaceText(
      str(piped, meter),
      str(old, meter),
      str(next, meter),
      times === null ? -1 : count(times, 'replace'),
      meter,
    ),
);

const wordwrap = filter(
  'wordwrap',
  ['width?', 'break_long_words?', 'wrapstring?', 'break_on_hyphens?'],
  (piped, [width = 79n, breaksWords = true, wrap = null, breaksHyphens = true], { meter }) => {
    const given = onlyText(piped, 'wordwrap');
    const separator = wrap === null ? '\n' : text(wrap, 'wordwrap');
    const options = {
      width: count(width, 'wordwrap'),
      breaksWords: isTrue(breaksWords),
      breaksHyphens: isTrue(breaksHyphens),
    };
    meter.text(given.length * 20);
    const lines = splitLines(given).map((line) => wrapText(line, options).join(separator));
    return lines.join(separator);
  },
);

const string: Filter = filter('string', [], (piped, _, { meter }) =>
  piped instanceof SafeText ? piped : str(piped, meter),
);

export const textFilters: Readonly<Record<string, Filter>> = {
  capitalize: textFilter('capitalize', [], capitalize),
  center: textFilter('center', ['width?'], (given, [width = 80n], meter) =>
    padText(given, { width: count(width, 'center'), fill: ' ', sharesOf: centerShares }, meter),
  ),
  e: escape,
  escape,
  forceescape: filter('forceescape', [], (piped, _, { meter }) => escapeHtml(str(piped, meter))),
  format,
  indent,
  lower: textFilter('lower', [], (given) => given.toLowerCase()),
  replace,
  safe: filter('safe', [], (piped, _, { meter }) => new SafeText(str(piped, meter))),
  string,
  title: (piped, args, run) => textFilter('title', [], titleText)(str(piped, run.meter), args, run),
  trim: textFilter('trim', ['chars?'], (given, [chars]) => stripText(given, chars, 'both', 'trim')),
  truncate,
  upper: textFilter('upper', [], (given) => given.toUpperCase()),
  urlencode,
  wordcount: filter('wordcount', [], (piped, _, { meter }) => {
    const printed = str(piped, meter);
    meter.text(printed.length * 4);
    return BigInt(printed.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0);
  }),
  wordwrap,
};
