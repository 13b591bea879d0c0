/** All filters, tests and functions that Jinja2 has and passbridge supports. */

import { functions } from './functions.ts';
import { lazyFilters } from './lazy-filters.ts';
import type { Library } from './library.ts';
import { listFilters } from './list-filters.ts';
import { numberFilters } from './number-filters.ts';
import { tests } from './tests.ts';
import { textFilters } from './text-filters.ts';

export const builtin: Library = {
  filters: new Map(Object.entries({ ...textFilters, ...numberFilters, ...listFilters, ...lazyFilters })),
  tests: new Map(Object.entries(tests)),
  functions: new Map(Object.entries(functions)),
};
