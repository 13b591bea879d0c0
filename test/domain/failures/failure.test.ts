import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failure, failureKinds } from '../../../src/domain/failures/failure.ts';

// Scripts have no type declarations.
const { errorsPage } = (await import(resolve('scripts/docs/errors-page.mjs'))) as {
  errorsPage: (kinds: typeof failureKinds) => string;
};

describe('the failure table', () => {
  it('matches docs/errors.md (npm run docs writes it)', () => {
    expect(readFileSync('docs/errors.md', 'utf8')).toBe(errorsPage(failureKinds));
  });

  it('has a row for each code, with its cells escaped', () => {
    const rows = errorsPage(failureKinds).match(
      /^\| `[A-Z_]+` \|(?:[^|]|\\\|)+\|(?:[^|]|\\\|)+\|(?:[^|]|\\\|)+\|(?:[^|]|\\\|)+\|$/gm,
    );
    expect(rows).toHaveLength(Object.keys(failureKinds).length);
  });

  it('describes each code in one sentence, and its remedy in one', () => {
    for (const { meaning, remedy } of Object.values(failureKinds)) {
      for (const text of [meaning, remedy]) expect(text).toMatch(/^[^.]*(?:\.[A-Za-z][^.]*)*\.$/);
    }
  });
});

describe('failure', () => {
  it('truncates the detail to 300 characters', () => {
    expect(failure('PM_REFUSED', 'x'.repeat(1000)).detail).toHaveLength(300);
  });
});
