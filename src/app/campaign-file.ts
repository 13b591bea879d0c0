/** The file behind a campaign, read again by whichever process feeds it. */

import type { Campaign } from '../job/campaign.ts';
import type { Source } from '../job/source-row.ts';
import { fileFingerprint, openCsvFile } from '../source/csv-file.ts';

/** Makes the function that opens a campaign's file; it throws where the file is gone or was changed. */
export function makeCampaignFileOpener(idTypes: readonly string[]) {
  return async ({ file, fingerprint }: Campaign): Promise<Source> => {
    const found = await fileFingerprint(file);
    if (found.size !== fingerprint.size || found.mtimeMs !== fingerprint.mtimeMs) {
      throw new Error(
        `${file} is not the file that the campaign was started with; start a new campaign with it`,
      );
    }
    return openCsvFile(file, { idTypes });
  };
}
