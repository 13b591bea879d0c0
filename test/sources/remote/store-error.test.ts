import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { StoreError, storeFailures } from '../../../src/sources/remote/store-error.ts';

describe('store errors', () => {
  it('are the ones listed in docs/sources.md', () => {
    const rows = readFileSync('docs/sources.md', 'utf8').matchAll(
      /^\| `(\w+)` \| (\w+) \| (.+) \| (.+) \|$/gm,
    );
    const documented = Array.from(rows, ([, code, retryable, meaning, remedy]) => [
      code,
      { retryable: retryable === 'yes', meaning, remedy },
    ]);
    expect(Object.fromEntries(documented)).toEqual(storeFailures);
  });

  it('name the location, the problem and the remedy', () => {
    expect(new StoreError('STORE_NOT_FOUND', 's3://exports/', 'NoSuchBucket, 404').message).toBe(
      's3://exports/: the folder or bucket does not exist (NoSuchBucket, 404). Check its name and, for S3, the region and the endpoint.',
    );
  });
});
