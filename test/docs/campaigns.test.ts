import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { campaignActions as actions } from '../../src/domain/campaigns/campaign.ts';
import * as options from '../../src/domain/campaigns/options/campaign-options.ts';

it('docs/campaigns.md has the current table of options (npm run docs)', async () => {
  const { withOptionsTable } = (await import(resolve('scripts/docs/options-table.mjs'))) as {
    withOptionsTable: (page: string, table: object) => string;
  };
  const page = readFileSync('docs/campaigns.md', 'utf8');
  expect(page).toBe(withOptionsTable(page, { options, actions }));
  expect(page).toContain('| `--quiet-hours 21:00-08:00` | `guards.quietHours: 21:00-08:00` | all |');
});
