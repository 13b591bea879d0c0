import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorsPage } from '../../../src/domain/failures/failure-docs.ts';
import { failure, failureKinds } from '../../../src/domain/failures/failure.ts';

describe('the failure table', () => {
  it('is what docs/errors.md says (npm run docs writes it)', () => {
    expect(readFileSync('docs/errors.md', 'utf8')).toBe(errorsPage());
  });

  it('has a row for each code, whatever its words', () => {
    const rows = errorsPage().match(
      /^\| `[A-Z_]+` \|(?:[^|]|\\\|)+\|(?:[^|]|\\\|)+\|(?:[^|]|\\\|)+\|(?:[^|]|\\\|)+\|$/gm,
    );
    expect(rows).toHaveLength(Object.keys(failureKinds).length);
  });

  it('cuts long details', () => {
    expect(failure('PM_REFUSED', 'x'.repeat(1000)).detail).toHaveLength(300);
  });
});
