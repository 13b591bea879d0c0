/** Causes of failure in plain words: what each means and what to do about it. */

import { failureKinds, type FailureCount } from '../../../job/failure.ts';
import { number } from './wording.ts';

/** The causes of one campaign, most frequent first, each leading to its failures. */
export function CampaignCauses({ campaign, causes }: { campaign: string; causes: readonly FailureCount[] }) {
  if (causes.length === 0) return <p class="text-secondary">Nothing failed.</p>;
  return (
    <ul class="list-unstyled">
      {causes.map(({ code, count }) => (
        <li key={code} class={`mb-3 ps-2 ${failureKinds[code].stage === 'maybe' ? 'unknown' : ''}`}>
          <strong>
            <a href={`/failures?campaign=${encodeURIComponent(campaign)}&code=${code}`}>
              {number(count)} × {code}
            </a>
          </strong>
          <br />
          {failureKinds[code].meaning} <span class="text-secondary">{failureKinds[code].action}</span>
        </li>
      ))}
    </ul>
  );
}
