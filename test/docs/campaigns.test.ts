import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { campaignActions as actions } from '../../src/domain/campaigns/campaign-action.ts';
import * as options from '../../src/domain/campaigns/options/campaign-options.ts';
import { WINDOW } from '../../src/domain/campaigns/window.ts';
import { skipReasons } from '../../src/domain/jobs/outcome.ts';

const page = readFileSync('docs/campaigns.md', 'utf8');

it('docs/campaigns.md has the current table of options (npm run docs)', async () => {
  const { withOptionsTable } = (await import(resolve('scripts/docs/options-table.mjs'))) as {
    withOptionsTable: (page: string, table: object) => string;
  };
  expect(page).toBe(withOptionsTable(page, { options, actions }));
  expect(page).toContain('| `--quiet-hours 21:00-08:00` | `guards.quietHours: 21:00-08:00` | all |');
});

it('docs/campaigns.md explains every skip reason, and states the window', () => {
  const table = page.slice(page.indexOf('| Skipped as |'));
  const reasons = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, reason]) => reason);
  expect(reasons).toEqual(Object.keys(skipReasons));
  expect(page).toContain(`window of ${WINDOW.toLocaleString('en')} jobs`);
});
