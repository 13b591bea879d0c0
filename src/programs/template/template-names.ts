/** Misspelt names in a leaf, found when the programs file is read rather than once per customer. */

import type { Names } from '../jinja/names.ts';
import type { Renderer } from '../jinja/renderer.ts';
import { didYouMean } from '../../config/nearest.ts';

const ROOTS = ['customer', 'customer_ids', 'time', 'text', 'webhook', 'voucher'];

const FUNCTIONS = ['change_message'];

/** Suggested for a misspelt filter; the engine knows more. */
const COMMON_FILTERS =
  'from_timestamp from_json hash default int float string upper lower title capitalize trim replace round first last join split length tojson'.split(
    ' ',
  );

/** Where the variables are known that not all sections have. */
const HOME = {
  text: 'notify only',
  webhook: 'attributes only',
  voucher: 'create and attributes only, of a program that names a file of codes under vouchers',
} as const;

/** One sentence for each name that the leaf takes for granted and nobody knows. */
export function unknownNames(renderer: Renderer, leaf: Names, extras: readonly string[]): string[] {
  const roots = [...new Set(leaf.references.map(({ root }) => root))].filter(
    (root) => !ROOTS.includes(root) && !renderer.knows('global', root),
  );
  const filters = [...leaf.filters].filter((name) => !renderer.knows('filter', name));
  const tests = [...leaf.tests].filter((name) => !renderer.knows('test', name));
  const elsewhere = (['text', 'webhook', 'voucher'] as const).filter(
    (name) => !extras.includes(name) && leaf.references.some(({ root, bare }) => bare && root === name),
  );
  return [
    ...roots.map((name) => `unknown variable ${name}${didYouMean(name, [...ROOTS, ...FUNCTIONS])}`),
    ...filters.map((name) => `unknown filter ${name}${didYouMean(name, COMMON_FILTERS)}`),
    ...tests.map((name) => `unknown test ${name}`),
    ...elsewhere.map((name) => `${name} is known in ${HOME[name]}`),
  ];
}
