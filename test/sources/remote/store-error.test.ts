import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { StoreError, storeFailures } from '../../../src/sources/remote/store-error.ts';

describe('the errors of places', () => {
  it('are the ones that docs/sources.md lists', () => {
    const rows = readFileSync('docs/sources.md', 'utf8').matchAll(
      /^\| `(\w+)` \| (\w+) \| (.+) \| (.+) \|$/gm,
    );
    const documented = Array.from(rows, ([, code, repeat, meaning, remedy]) => [
      code,
      { repeat: repeat === 'yes', meaning, remedy },
    ]);
    expect(Object.fromEntries(documented)).toEqual(storeFailures);
  });

  it('name the place, what went wrong and the remedy', () => {
    expect(new StoreError('STORE_NOT_FOUND', 's3://exports/', 'NoSuchBucket, 404').message).toBe(
      's3://exports/: there is no such folder or bucket (NoSuchBucket, 404). Check its name and, for S3, the region and the endpoint.',
    );
  });
});
