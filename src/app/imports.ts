/** Wires the importer, which writes the results of large campaigns back through CSV imports. */

import { makeStartImport } from '../bloomreach/imports.ts';
import type { BloomreachAccess, ImportSettings } from '../config/config.ts';
import type { Campaign } from '../domain/campaigns/campaign.ts';
import type { HttpClient } from '../kit/http/client.ts';
import type { Logger } from '../kit/logger.ts';
import type { Part } from '../kit/part.ts';
import type { Stores } from '../services/stores.ts';
import { type LargeCampaign, startImporter } from '../write-back/importer.ts';

export function startImports(
  {
    importBatches,
    bloomreachPauses,
    campaigns,
  }: Pick<Stores, 'importBatches' | 'bloomreachPauses' | 'campaigns'>,
  { path, publicUrl }: ImportSettings,
  { apiKeyId, apiSecret }: BloomreachAccess,
  { http, log }: { http: HttpClient; log: Logger },
): Part {
  const startImport = makeStartImport({ http, path, apiKeyId, apiSecret });
  return startImporter({
    importBatches,
    pauses: bloomreachPauses,
    campaigns: async () => (await campaigns.listOpen()).filter(awaitsImport).map(largeCampaign),
    requestImport: (batch) => startImport(`${publicUrl}/imports/${batch}.csv`),
    random: Math.random,
    log,
  });
}

/** Whether a campaign is large enough for imports and has results that are not written back yet. */
function awaitsImport(campaign: Campaign): boolean {
  const { importAbove, expected, writeBacks, writtenBack, writeBackFailures } = campaign;
  const isLarge = importAbove !== undefined && (expected ?? 0) >= importAbove;
  return isLarge && writeBacks > writtenBack + writeBackFailures;
}

function largeCampaign({ id, status }: Campaign): LargeCampaign {
  return { id, isRunning: status === 'running' };
}
