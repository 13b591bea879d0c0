/** docs/logs.md names every event of the log, with the levels at which the code logs it. */

import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Events whose names are composed when they are logged. */
const composed = ['schedule.skipped', 'schedule.refused', '{task}.failed'];

/** Fields of a line that are no events: the first table. */
const fields = new Set([
  'level',
  'time',
  'version',
  'host',
  'pid',
  'event',
  'code',
  'campaign',
  'err',
  'msg',
]);

/** The events of the tables and the levels in the same rows. */
function documented(): Map<string, string> {
  const rows = readFileSync('docs/logs.md', 'utf8').matchAll(/^\| (`[^|]+) *\| ([^|]+?) *\|/gm);
  return new Map(
    [...rows].flatMap(([, names = '', levels = '']) =>
      [...names.matchAll(/`([a-z{}.-]+)`/g)].map(([, name = '']) => [name, levels] as const),
    ),
  );
}

const code = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('sandbox'))
  .map((file) => readFileSync(`src/${file}`, 'utf8'))
  .join('\n');

/** The fields of a line may stand in a variable, whose level is then not known here. */
function logged(): { name: string; level: string | undefined }[] {
  const direct = [...code.matchAll(/\blog\.(\w+)\(\s*\{\s*event: '([a-z.-]+)'/g)].map(
    ([, level, name = '']) => ({ name, level }),
  );
  const others = [...code.matchAll(/\bevent: '([a-z.-]+)'/g)].map(([, name = '']) => ({
    name,
    level: undefined,
  }));
  return [...direct, ...others];
}

it('lists every event that is logged, and no other', () => {
  const names = new Set([...logged().map(({ name }) => name), ...composed]);
  const listed = [...documented().keys()].filter((name) => !fields.has(name));
  expect(listed.toSorted()).toEqual([...names].toSorted());
});

it('gives the levels of the code', () => {
  const levels = documented();
  const wrong = logged().filter(
    ({ name, level }) => level !== undefined && !levels.get(name)?.includes(level),
  );
  expect(wrong).toEqual([]);
});
