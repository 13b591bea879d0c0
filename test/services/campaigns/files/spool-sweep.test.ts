import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sweepSpool } from '../../../../src/services/campaigns/files/spool-sweep.ts';
import type { Stores } from '../../../../src/services/stores.ts';

it('deletes old files that no unfinished campaign needs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-spool-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of ['new', 'old', 'old-needed', 'old-finished']) {
    await writeFile(join(folder, name), '');
    if (name !== 'new') await utimes(join(folder, name), 0, 0);
  }
  const source = (name: string) => ({ kind: 'file', path: join(folder, name) });
  const campaigns = {
    async *pages() {
      yield [
        { status: 'paused', source: source('old-needed') },
        { status: 'finished', source: source('old-finished') },
      ];
    },
  } as unknown as Stores['campaigns'];
  await sweepSpool(folder, { campaigns });
  expect((await readdir(folder)).toSorted()).toEqual(['new', 'old-needed']);
});
