/** Writes what passbridge supports of Jinja2 into docs/templates.md, between two markers. */

import { readFileSync } from 'node:fs';

const START = '<!-- jinja2: written by npm run docs -->';
const END = '<!-- /jinja2 -->';

const SECTIONS = ['filters', 'tests', 'operators', 'expressions', 'methods', 'statements'];

/**
 * Returns the page with its tables replaced. `builtin` is the library of filters, tests and functions, `refusals` the
 * exports of refusals.js; the number of rows is that of the fixtures. Throws if the page lacks the markers.
 */
export function withJinjaTables(page, { builtin, methodsByType, refusals }) {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start === -1 || end < start) throw new Error(`docs/templates.md needs ${START} and ${END}`);
  const supported = [
    ['Filters', builtin.filters.keys()],
    ['Tests', [...builtin.tests.keys()].filter((name) => /^\w/.test(name))],
    ['Functions', builtin.functions.keys()],
    ...Object.entries(methodsByType).map(([type, methods]) => [`Methods of a ${type}`, Object.keys(methods)]),
    ['Statements', 'if for set with macro call filter raw print'.split(' ')],
    ['Operators', '+ - * / // % ** ~ == != < <= > >= in is and or not if [] () |'.split(' ')],
  ];
  const rows = supported.map(
    ([kind, names]) =>
      `| ${kind} | ${[...names]
        .toSorted((one, other) => (one < other ? -1 : 1))
        .map(code)
        .join(' ')} |\n`,
  );
  const refused = [
    ['statement', { ...refusals.unsupportedStatements, ...refusals.extensionStatements }],
    ['filter', refusals.unsupportedFilters],
    ['function', refusals.unsupportedGlobals],
    ['method', refusals.unsupportedMethods],
  ].flatMap(([kind, table]) =>
    Object.entries(table).map(([name, advice]) => `| the ${kind} ${code(name)} | ${escaped(advice)} |\n`),
  );
  refused.push(
    `| printing what ${['map', 'select', 'reject', 'selectattr', 'rejectattr', 'batch', 'slice', 'unique', 'items', 'reverse'].map(code).join(' ')} return | add \\| list, or \\| join; Python prints an address in memory |\n`,
    '| `**` with a computed exponent | write a whole number |\n',
  );
  const text = `The suite compares ${count().toLocaleString('en-US')} templates with Jinja2 3.1: none of them prints anything else than there.

| | Supported, as in Jinja2 |
| --- | --- |
${rows.join('')}
| Refused when the file is loaded | Instead |
| --- | --- |
${refused.join('')}`;
  return `${page.slice(0, start + START.length)}\n\n${text}\n${page.slice(end)}`;
}

/** The rows of the suite. */
function count() {
  const folder = new URL('../../test/programs/jinja2/', import.meta.url);
  const fixtures = SECTIONS.map((name) => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')));
  return fixtures
    .flatMap((section) => Object.values(section))
    .reduce((sum, rows) => sum + Object.keys(rows).length, 0);
}

function code(name) {
  return `\`${escaped(name)}\``;
}

function escaped(text) {
  return text.replaceAll('|', String.raw`\|`);
}
