/** Asks before a campaign is halted or goes on, for those who want to say why; to stop one is asked always. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import type { CampaignService } from '../dashboard-service.ts';
import type { DashboardScope } from '../page.tsx';
import { addQuestion } from '../parts/question.tsx';
import { count } from '../parts/wording.ts';

interface HaltQuestion {
  /** The last part of the address, which the answer is sent to as well. */
  act: 'pause' | 'resume' | 'stop';
  verb: string;
  tone: 'primary' | 'danger';
  means: (campaign: Pick<Campaign, 'pending'>) => string;
}

const questions: readonly HaltQuestion[] = [
  {
    act: 'pause',
    verb: 'Pause',
    tone: 'primary',
    means: ({ pending }) =>
      `${count(pending, 'row')} would wait until it is resumed. Calls that are out are finished.`,
  },
  {
    act: 'resume',
    verb: 'Resume',
    tone: 'primary',
    means: ({ pending }) => `It goes on where it stood, with ${count(pending, 'row')} to send.`,
  },
  {
    act: 'stop',
    verb: 'Stop',
    tone: 'danger',
    means: ({ pending }) =>
      `${count(pending, 'row')} would not be sent. Calls that are out are finished. It can be resumed later and goes on where it stood.`,
  },
];

/** Adds the pages. */
export function addHaltQuestions(
  addPage: DashboardScope['addPage'],
  { find }: Pick<CampaignService, 'find'>,
): void {
  for (const { act, verb, tone, means } of questions) {
    addQuestion<Campaign>(addPage, {
      path: `/campaigns/:id/${act}`,
      load: ({ params: { id = '' } }) => find(id),
      to: ({ id }) => `${addressOf(id)}/${act}`,
      title: ({ id }) => `${verb} ${id}`,
      label: `${verb} it`,
      tone,
      back: ({ id }) => addressOf(id),
      means,
    });
  }
}

function addressOf(id: string): string {
  return `/campaigns/${encodeURIComponent(id)}`;
}
