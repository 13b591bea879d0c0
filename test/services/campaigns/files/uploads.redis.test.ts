/** Quotas and room on disk. The rest of the uploads is tested through HTTP. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeUploads } from '../../../../src/services/campaigns/files/uploads.ts';
import { openTestStores } from '../../../support/stores.ts';

const MB = 1_000_000;

async function openUploads(freeBytes = 1000 * MB) {
  const { stores, config, cwd } = await openTestStores({
    UPLOAD_MAX_MB: '60',
    UPLOADS_PER_OPERATOR_MB: '100',
    UPLOADS_TOTAL_MB: '150',
  });
  const files = { ...config.files, dataDir: cwd };
  const folder = join(cwd, 'uploads');
  await mkdir(folder);
  let count = 0;
  return {
    uploads: makeUploads(stores, { ...config, files }, async () => freeBytes),
    /** An upload of which nothing has arrived yet. */
    add: async (size: number, by: string) => {
      const id = `u-${(count += 1)}`;
      await writeFile(join(folder, id), '');
      const metadata = {
        id,
        size,
        metadata: { filename: 'x.csv', by },
        creation_date: new Date().toISOString(),
      };
      await writeFile(join(folder, `${id}.json`), JSON.stringify(metadata));
    },
  };
}

it('limits one file, the uploads of one operator, and all of them, by the sizes that were announced', async () => {
  const { uploads, add } = await openUploads();
  expect(await uploads.reserve(61 * MB, 'Iva')).toEqual({
    refused: 'too-large',
    message: 'The file is larger than 60 MB (UPLOAD_MAX_MB). Compress it with gzip, or split it.',
  });
  await add(60 * MB, 'Iva');
  await add(60 * MB, 'Ota');
  expect(await uploads.reserve(41 * MB, 'Iva')).toEqual({
    refused: 'quota',
    message:
      'Your uploads have 60 MB of 100 MB (UPLOADS_PER_OPERATOR_MB), and 41 MB more do not fit. Delete uploads that no campaign needs (GET /api/uploads lists yours), or try again when they have expired, after a day.',
  });
  expect(await uploads.reserve(40 * MB, 'Iva')).toMatchObject({
    refused: 'quota',
    message: expect.stringMatching(
      /^All uploads together have 120 MB of 150 MB \(UPLOADS_TOTAL_MB\)/,
    ) as string,
  });
  expect(await uploads.reserve(30 * MB, 'Iva')).toHaveProperty('release');
});

it('counts uploads that begin at the same time', async () => {
  const { uploads } = await openUploads();
  const both = await Promise.all([uploads.reserve(60 * MB, 'Iva'), uploads.reserve(60 * MB, 'Iva')]);
  expect(both.filter((one) => 'release' in one)).toHaveLength(1);
  for (const one of both) if ('release' in one) one.release();
  expect(await uploads.reserve(60 * MB, 'Iva')).toHaveProperty('release');
});

it('counts an empty upload as 1 MB, so that their number is limited', async () => {
  const { uploads, add } = await openUploads();
  for (let n = 0; n < 100; n += 1) await add(0, 'Iva');
  expect(await uploads.reserve(0, 'Iva')).toMatchObject({ refused: 'quota' });
});

it('leaves 256 MB of the disk free', async () => {
  const { uploads } = await openUploads(300 * MB);
  expect(await uploads.reserve(45 * MB, 'Iva')).toEqual({
    refused: 'disk-full',
    message:
      'The disk of DATA_DIR has 300 MB left, 256 MB of which must stay free, and the file has 45 MB. Free some space on the server, then upload the file again.',
  });
  expect(await uploads.reserve(44 * MB, 'Iva')).toHaveProperty('release');
});
