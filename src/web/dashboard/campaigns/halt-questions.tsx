/** Asks before a campaign is halted or goes on, for those who want to say why; to stop one is asked always. */

import type { Campaign } from '../../../job/campaign.ts';
import type { CampaignDesk } from '../desk.ts';
import type { DashboardScope } from '../page.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { count } from '../parts/wording.ts';

interface Question {
  /** The last part of the address, which the answer is sent to as well. */
  act: 'pause' | 'resume' | 'stop';
  verb: string;
  tone: 'primary' | 'danger';
  means: (campaign: Pick<Campaign, 'pending'>) => string;
}

export const haltQuestions: readonly Question[] = [
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

export function addQuestion(
  addPage: DashboardScope['addPage'],
  desk: Pick<CampaignDesk, 'find'>,
  { act, verb, tone, means }: Question,
): void {
  addPage({
    path: `/campaigns/:id/${act}`,
    role: 'operator',
    load: ({ params: { id = '' } }) => desk.find(id),
    title: ({ id }) => `${verb} ${id}`,
    fixed: (campaign, { csrfToken }) => {
      const at = `/campaigns/${encodeURIComponent(campaign.id)}`;
      return (
        <>
          <h1>
            {verb} {campaign.id}?
          </h1>
          <Confirm to={`${at}/${act}`} label={`${verb} it`} tone={tone} back={at} csrfToken={csrfToken}>
            <p>{means(campaign)}</p>
          </Confirm>
        </>
      );
    },
  });
}
