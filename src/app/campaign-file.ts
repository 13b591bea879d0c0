/** The file behind a campaign, read again by whichever process feeds it. */

import type { Campaign } from '../job/campaign.ts';
import type { Source } from '../job/source-row.ts';
import { fileFingerprint } from '../source/file-bytes.ts';
import { openFile } from '../source/open-file.ts';
import { SourceError } from '../source/source-error.ts';

/**
 * Makes the function that opens a campaign's file. It and the rows throw a {@link SourceError} as
 * soon as the file is gone or is another one than the campaign was started with.
 */
export function makeCampaignFileOpener(idTypes: readonly string[]) {
  return async ({ source }: Pick<Campaign, 'source'>): Promise<Source> => {
    if (source.kind !== 'file') throw new SourceError('Its customers came by webhook: there is no file.');
    const { path, fingerprint } = source;
    const check = async () => {
      const { size, mtimeMs } = await fileFingerprint(path);
      if (size === fingerprint.size && mtimeMs === fingerprint.mtimeMs) return;
      throw new SourceError(
        `${path} was changed after the campaign started. Put the old file back, with its time, and resume; or stop, and start a new campaign with it.`,
      );
    };
    await check();
    const file = await openFile(path, { idTypes });
    return {
      ...file,
      async *rows(options) {
        for await (const chunk of file.rows(options)) {
          await check();
          yield chunk;
        }
      },
    };
  };
}

/** What an error says about the source; undefined where it is not the source's fault. */
export function faultOfSource(error: unknown): string | undefined {
  return error instanceof SourceError ? error.message : undefined;
}
