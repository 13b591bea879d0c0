/** Starts campaigns as an operator does. */

import { keyOf } from '../../src/domain/campaigns/options/campaign-options.ts';
import type { CampaignRequest } from '../../src/services/campaigns/campaign-request.ts';
import { prepareCampaign } from '../../src/services/campaigns/prepare-campaign.ts';
import { startCampaign } from '../../src/services/campaigns/start-campaign.ts';
import type { Stores } from '../../src/services/stores.ts';
import { testAction } from './make.ts';

/** Starts a campaign and returns its id. */
export async function startTestCampaign(
  stores: Stores,
  request: Omit<CampaignRequest, 'nameOf'>,
): Promise<string> {
  const order = await prepareCampaign({ ...request, nameOf: keyOf });
  const startedBy = { kind: 'operator', context: testAction } as const;
  await startCampaign(stores, { order, program: request.program, startedBy });
  return order.id;
}
