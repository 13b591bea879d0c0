import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { failure, failureKinds } from '../../src/job/failure.ts';

describe('the failure table', () => {
  const documented = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `([A-Z_]+)` \|(.*)$/gm)];

  it('is documented code by code, in its own words', () => {
    expect(documented.map(([, code]) => code)).toEqual(Object.keys(failureKinds));
    for (const [, code, row] of documented) {
      const { meaning, action } = failureKinds[code as keyof typeof failureKinds];
      expect(row).toContain(meaning);
      expect(row).toContain(action.replaceAll('|', '\\|'));
    }
  });

  it('cuts long details', () => {
    expect(failure('PM_REFUSED', 'x'.repeat(1000)).detail).toHaveLength(300);
  });
});
