/** The counters of a campaign, which add up to its rows. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import { finalStates, skipReasons, type SkipReason } from '../../../domain/jobs/outcome.ts';
import { Badge } from '../parts/badge.tsx';
import { number } from '../parts/wording.ts';

const notes = {
  done: '',
  skipped: '',
  rejected: 'could not be sent, or were refused for good',
  failed: 'used up their attempts',
  unknown: 'sent, and no answer seen: may or may not have a card',
} as const;

export function Counters({ campaign }: { campaign: Campaign }) {
  const { rows, stopped, pending, saves, saved, unsaved } = campaign;
  const savedNote =
    saves === 0
      ? ''
      : `saved to Bloomreach: ${number(saved)} of ${number(saves)}${unsaved > 0 ? `, given up: ${number(unsaved)}` : ''}`;
  return (
    <table class="table table-sm">
      <caption class="visually-hidden">Rows by what became of them</caption>
      <tbody>
        {finalStates.map((state) => (
          <tr key={state}>
            <th scope="row">
              <Badge state={state} />
            </th>
            <td class="number">{number(campaign[state])}</td>
            <td>
              {state === 'done' && savedNote}
              {state === 'skipped' && <Skipped skippedFor={campaign.skippedFor} />}
              {campaign[state] > 0 && notes[state]}
            </td>
          </tr>
        ))}
        <Plain name="stopped" count={stopped} note={stopped > 0 ? 'not reached before it was stopped' : ''} />
        <Plain name="pending" count={pending} note="" />
      </tbody>
      <tfoot>
        <Plain
          name="= rows"
          count={rows}
          note={campaign.expected === undefined ? 'still being counted' : ''}
        />
      </tfoot>
    </table>
  );
}

function Plain({ name, count, note }: { name: string; count: number; note: string }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="number">{number(count)}</td>
      <td>{note}</td>
    </tr>
  );
}

function Skipped({ skippedFor }: Pick<Campaign, 'skippedFor'>) {
  const reasons = Object.entries(skippedFor).toSorted(([, a], [, b]) => b - a);
  return <>{reasons.map(([reason, n]) => `${number(n)} ${skipReasons[reason as SkipReason]}`).join('; ')}</>;
}
