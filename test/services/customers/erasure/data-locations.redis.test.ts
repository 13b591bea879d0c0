/** The table of data locations, compared with the one in docs/security.md. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  namedLocations,
  searchedLocations,
} from '../../../../src/services/customers/erasure/data-locations.ts';
import { personalRecordKinds } from '../../../../src/domain/customers/personal-data.ts';
import { openTestStores } from '../../../support/stores.ts';

it('has a row for every key that docs/security.md says is erased, and one for every kind', async () => {
  const { stores } = await openTestStores();
  const locations = [...searchedLocations(stores), ...namedLocations(stores)];
  const erasedByDocs = readFileSync('docs/security.md', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, key, , erased] = line.split('|').map((cell) => cell.trim());
      return key?.startsWith('`') === true && erased !== undefined && erased !== '' ? [key.slice(1, -1)] : [];
    });
  // The keys of BullMQ are described below the table.
  const keys = locations.flatMap((location) => location.keys).filter((key) => key !== 'pass:…');
  expect(keys.toSorted()).toEqual(erasedByDocs.filter((key) => !key.startsWith('DATA_DIR')).toSorted());
  expect(locations.map(({ kind }) => kind).toSorted()).toEqual(Object.keys(personalRecordKinds).toSorted());
});
