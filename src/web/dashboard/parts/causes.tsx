/** Causes of failure in plain words: what each means and what to do about it. */

import { failureKinds, type FailureCount } from '../../../domain/failures/failure.ts';
import { number } from './wording.ts';

/** The causes of one campaign, most frequent first, each leading to its failures. */
export function CampaignCauses({ campaign, causes }: { campaign: string; causes: readonly FailureCount[] }) {
  if (causes.length === 0) return <p class="text-secondary">Nothing failed.</p>;
  return (
    <ul class="list-unstyled">
      {causes.map(({ code, count }) => (
        <Cause key={code} campaign={campaign} code={code} count={count} />
      ))}
    </ul>
  );
}

function Cause({ campaign, code, count }: { campaign: string } & Pick<FailureCount, 'code' | 'count'>) {
  const { stage, meaning, action } = failureKinds[code];
  const isUnknown = stage === 'maybe';
  return (
    <li class={`mb-3 ps-2 ${isUnknown ? 'unknown' : ''}`}>
      <strong>
        <a
          href={`${isUnknown ? '/unknown' : '/failures'}?campaign=${encodeURIComponent(campaign)}&code=${code}`}
        >
          {number(count)} × {code}
        </a>
      </strong>
      <br />
      {meaning} <span class="text-secondary">{action}</span>
    </li>
  );
}
