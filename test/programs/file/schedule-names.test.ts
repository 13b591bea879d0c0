/** The names of schedules are known even if the programs of the file are not valid. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { scheduleNames } from '../../../src/programs/file/schedule-names.ts';

function fileWith(content: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-schedules-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'programs.yaml');
  writeFileSync(file, content);
  return file;
}

const schedules = 'schedules:\n  nightly: { cron: "0 3 * * *" }\n  weekly: { cron: "0 3 * * 1" }\n';

it.each([
  ['a broken template', `programs:\n  loyalty: { create: { name: "{{ customer." } }\n${schedules}`],
  ['no programs', schedules],
])('names the schedules of a file with %s', async (_case, text) => {
  expect(await scheduleNames(fileWith(text))).toEqual(['nightly', 'weekly']);
});

it.each([
  ['without schedules', 'programs: {}\n'],
  ['with a list of schedules', 'schedules: [nightly]\n'],
  ['that is not YAML', 'schedules: {{'],
  ['that is not text', Buffer.from([0xff, 0x00, 0x80])],
  ['that is empty', ''],
])('names none in a file %s', async (_case, content) =>
  expect(await scheduleNames(fileWith(content))).toEqual([]),
);

it('names none if there is no file', async () =>
  expect(await scheduleNames('/nonexistent/programs.yaml')).toEqual([]));
