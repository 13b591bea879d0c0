import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { settings } from '../../src/config/environment.ts';
import { FILE_KEPT_MS, UNUSED_UPLOAD_KEPT_MS } from '../../src/services/campaigns/files/file-needs.ts';

/** Returns key and lifetime of each table row that matches. */
function rowsOf(file: string, row: RegExp): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const cells =
        row
          .exec(line)?.[1]
          ?.split(' | ')
          .map((cell) => cell.trim()) ?? [];
      const [key = ''] = cells;
      return cells.length < 4 || key === 'key' || /^-+/.test(key) ? [] : [`${key}: ${cells.at(-1)}`];
    });
}

it('docs/security.md lists every key of the ledger with its lifetime', () => {
  const inSource = rowsOf('src/ledger/keys.ts', /^ \* \| (.+?) *\|$/);
  const inDocs = rowsOf('docs/security.md', /^\| (`.+?) *\|$/).map((row) => row.replace(/^`(.+?)`/, '$1'));
  expect(inSource.length).toBeGreaterThan(40);
  expect(inDocs.filter((row) => inSource.includes(row))).toEqual(inSource);
});

it('docs/security.md states how long files and failures are kept', () => {
  const page = readFileSync('docs/security.md', 'utf8');
  const fileDays = FILE_KEPT_MS / 86_400_000;
  expect(Math.floor(UNUSED_UPLOAD_KEPT_MS / 86_400_000)).toBe(1);
  expect(page).toContain(
    `| ${fileDays} days after its campaign has ended; without a campaign, a fetched file ${fileDays} days and an upload a day |`,
  );
  expect(page).toContain(`\`FAILURES_KEPT_DAYS\` (${settings.FAILURES_KEPT_DAYS.defaultText})`);
  expect(page).toContain(`For ${settings.CARD_TTL_DAYS.defaultText} days, campaigns that read a file skip`);
});
