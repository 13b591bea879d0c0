/**
 * What Jinja2 has and passbridge refuses when the programs file is loaded, each with what to write instead.
 * `docs/templates.md` is generated from these tables.
 */

import { TemplateSyntaxError } from './syntax/syntax-error.ts';

type Table = Readonly<Record<string, string>>;

const ONE_TEXT = 'each text stands alone: paste the text of the other template';
const PLAIN_TEXT = 'cards show plain text: omit it';

export const unsupportedStatements: Table = {
  include: ONE_TEXT,
  import: ONE_TEXT,
  from: ONE_TEXT,
  extends: ONE_TEXT,
  block: `${ONE_TEXT}, without its blocks`,
  autoescape: PLAIN_TEXT,
};

/** Extensions that Jinja2 has only if they are switched on. */
export const extensionStatements: Table = {
  do: 'write {% set _ = … %}',
  break: 'write {% for … if … %}, or a slice',
  continue: 'write {% if … %} inside of the loop',
  trans: 'write the text itself',
  debug: 'omit it: a dry run shows the values',
  output: 'passbridge makes one call per customer: paste the body of one call',
};

export const unsupportedFilters: Table = {
  pprint: 'write tojson(indent=1)',
  random: 'a retried call must send the same text: write first, or an index',
  striptags: `${PLAIN_TEXT}, and remove tags before the export`,
  urlize: `${PLAIN_TEXT}; wallets find links themselves`,
  xmlattr: PLAIN_TEXT,
};

export const unsupportedGlobals: Table = {
  lipsum: 'write the text itself',
  self: `${ONE_TEXT}, or use a macro`,
  super: `${ONE_TEXT}, or use a macro`,
};

export const unsupportedMethods: Table = {
  as_integer_ratio: 'write a division',
  bit_count: 'not needed on cards',
  casefold: 'write lower()',
  conjugate: 'omit it',
  encode: 'write | urlencode, or | hash',
  format_map: 'write format(**dict)',
  fromhex: 'write | int(base=16)',
  fromkeys: 'write a dict',
  from_bytes: 'not needed on cards',
  hex: "write '%x' % number",
  isnumeric: 'write isdecimal()',
  maketrans: 'write replace()',
  to_bytes: 'not needed on cards',
  translate: 'write replace()',
};

/** Returns the error for a statement that cannot be used. */
export function unsupportedStatement(name: string): TemplateSyntaxError {
  const advice = unsupportedStatements[name] ?? extensionStatements[name];
  if (advice !== undefined)
    return new TemplateSyntaxError(`the statement ${name} is not supported: ${advice}`, { kind: 'misused' });
  return new TemplateSyntaxError(`unknown statement ${name}`, { kind: 'unknown' });
}
