import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FILE_KEPT_MS } from '../../src/services/campaigns/files/file-needs.ts';

it('docs/sources.md states how long downloaded files are kept', () => {
  const page = readFileSync('docs/sources.md', 'utf8');
  expect(page).toContain(`deleted after ${FILE_KEPT_MS / 86_400_000} days`);
});
