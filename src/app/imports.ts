/** The bulk route home: gathers what large campaigns write back and has Bloomreach fetch it. */

import { makeStartImport } from '../bloomreach/imports.ts';
import type { BloomreachAccess, ImportSettings } from '../config/config.ts';
import type { Campaign } from '../domain/campaigns/campaign.ts';
import { systemClock } from '../kit/clock.ts';
import type { HttpClient } from '../kit/http/http.ts';
import type { Logger } from '../kit/logger.ts';
import { type LargeCampaign, startImporter } from '../write-back/importer.ts';
import type { Part } from '../kit/part.ts';
import type { Stores } from '../services/stores.ts';

/** The newest that are looked at. */
const CAMPAIGNS = 1000;

export function startImports(
  { importBatches, campaigns }: Pick<Stores, 'importBatches' | 'campaigns'>,
  { path, publicUrl }: ImportSettings,
  { apiKeyId, apiSecret }: BloomreachAccess,
  { http, log }: { http: HttpClient; log: Logger },
): Part {
  const startImport = makeStartImport({ http, path, apiKeyId, apiSecret });
  const importer = startImporter({
    importBatches,
    campaigns: async () => (await campaigns.list(CAMPAIGNS)).filter(isGathering).map(describe),
    ask: (importBatch) => startImport(`${publicUrl}/imports/${importBatch}.csv`),
    clock: systemClock,
    random: Math.random,
    log,
  });
  return { name: 'imports', stop: importer.stop };
}

function isGathering({ importAbove, expected, saves, saved, unsaved }: Campaign): boolean {
  return importAbove !== undefined && (expected ?? 0) >= importAbove && saves > saved + unsaved;
}

function describe({ id, createdAt, status }: Campaign): LargeCampaign {
  return { id, createdAt, isAtRest: status !== 'running' };
}
