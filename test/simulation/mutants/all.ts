/** All planted bugs. */

import { callMutants } from './calls.ts';
import { campaignMutants } from './campaigns.ts';
import { claimMutants } from './claims.ts';

export const mutants = [...claimMutants, ...callMutants, ...campaignMutants];
