/** The file behind a campaign, read again by whichever process feeds it. */

import type { Campaign } from '../job/campaign.ts';
import type { Source } from '../job/source-row.ts';
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
    return openFile(path, { idTypes, fingerprint });
  };
}

/** What an error says about the source; undefined where it is not the source's fault. */
export function faultOfSource(error: unknown): string | undefined {
  return error instanceof SourceError ? error.message : undefined;
}
