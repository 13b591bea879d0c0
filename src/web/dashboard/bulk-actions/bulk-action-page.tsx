/** What became of an act on many failures: how far it is, what was left out and why. */

import {
  type LeftOut,
  type LeftOutReason,
  leftOutReasons,
  type BulkAction,
} from '../../../domain/failures/bulk-action.ts';
import type { EditRule } from '../../../domain/failures/edit-rule.ts';
import { mayAct } from '../../../domain/operators/operator.ts';
import type { Reader } from '../layout.tsx';
import { leftOutFor } from '../failures/masking.ts';
import { ActionForm } from '../parts/action-form.tsx';
import { Moment } from '../parts/moment.tsx';
import { number } from '../parts/wording.ts';

export const kindWords = { retry: 'Send again', discard: 'Discard', edit: 'Edit and send again' } as const;

const MOST_NAMED = 1000;

export function BulkActionPage({
  bulkAction,
  leftOut,
  reader,
}: {
  bulkAction: BulkAction;
  leftOut: readonly LeftOut[];
  reader: Reader;
}) {
  const { id, kind, status, total, done, by, reason, at, endedAt } = bulkAction;
  const isOpen = status === 'waiting' || status === 'running';
  return (
    <>
      <h1>
        {kindWords[kind]}: {id}
      </h1>
      <p>
        Asked for by {by}, <Moment at={at} zone={reader.zone} />
        {reason !== '' && `: ${reason}`}
      </p>
      <p>{describeFilter(bulkAction)}</p>
      {bulkAction.rule !== undefined && <Rule rule={bulkAction.rule} />}
      <p role="status">
        {status}
        {endedAt !== undefined && (
          <>
            {' '}
            <Moment at={endedAt} zone={reader.zone} />
          </>
        )}
      </p>
      <p>
        <progress value={done + sumOf(bulkAction.leftOut)} max={Math.max(total, 1)} aria-label="Progress" />
        <br />
        {number(done)} of {number(total)} done
      </p>
      {isOpen && mayAct(reader.operator.role, 'operator') && (
        <ActionForm
          to={`/bulk-actions/${encodeURIComponent(id)}/cancel`}
          label="Cancel the rest"
          tone="warning"
          csrfToken={reader.csrfToken}
        />
      )}
      <h2>Left out</h2>
      {sumOf(bulkAction.leftOut) === 0 && <p>Nothing.</p>}
      <ul>
        {Object.entries(bulkAction.leftOut).map(([why, n]) => (
          <li key={why}>
            {number(n)} {leftOutReasons[why as LeftOutReason]}
          </li>
        ))}
      </ul>
      {leftOut.length > 0 && (
        <details>
          <summary>{leftOut.length < MOST_NAMED ? 'Which' : `The first ${number(MOST_NAMED)}`}</summary>
          <ul>
            {leftOutFor(reader.operator, leftOut).map(({ campaign, row, reason: why, detail }) => (
              <li key={`${campaign} ${row}`}>
                <a href={`/campaigns/${encodeURIComponent(campaign)}`}>{campaign}</a>, row {row}:{' '}
                {leftOutReasons[why]}
                {detail !== undefined && ` (${detail})`}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** What was changed; values that were typed for one customer are not shown to everybody. */
function Rule({ rule }: { rule: EditRule }) {
  if ('values' in rule) return <p>Changed by hand: {Object.keys(rule.values).join(', ') || 'nothing'}.</p>;
  return (
    <p>
      {rule.attribute} becomes <code>{rule.template}</code>
    </p>
  );
}

function sumOf(leftOut: BulkAction['leftOut']): number {
  return Object.values(leftOut).reduce((sum, n) => sum + n, 0);
}

/** The filter as it was frozen. */
function describeFilter({ filter: { campaign, causes, jobs, unknown } }: BulkAction): string {
  const what =
    jobs === undefined ? (causes?.join(', ') ?? 'every cause') : `${jobs.length} picked one by one`;
  const where = campaign === undefined ? 'all campaigns' : campaign;
  return `What had failed by then: ${what}, in ${where}${unknown ? ', unknown outcomes too' : ''}.`;
}
