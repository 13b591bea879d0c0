import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createFileAtomically } from '../../src/kit/files.ts';

it('lets one of several writers create a file, and leaves nothing else behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-files-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'mark.json');
  const texts = Array.from({ length: 20 }, (_, writer) => `${writer}`.repeat(1000));
  const created = await Promise.allSettled(
    texts.map((text) => createFileAtomically(path, text, { mode: 0o600 })),
  );
  const winners = texts.filter((_, writer) => created[writer]?.status === 'fulfilled');
  expect(winners).toHaveLength(1);
  expect(await readFile(path, 'utf8')).toBe(winners[0]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['mark.json']);
  await expect(createFileAtomically(path, 'late')).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(createFileAtomically(join(folder, 'none', 'x'), '')).rejects.toMatchObject({ code: 'ENOENT' });
});
