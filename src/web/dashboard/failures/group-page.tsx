/** The failures of one cause, one by one, to be picked from. */

import { jobIdOf, rowOf } from '../../../domain/failures/failed.ts';
import type {
  FailureExample,
  FailureGroup,
  FailuresPage,
  FoundFailure,
} from '../../../domain/failures/failure-group.ts';
import { mayAct } from '../../../domain/operators/operator.ts';
import type { Reader } from '../layout.tsx';
import { ReasonField } from '../parts/confirm.tsx';
import { CsrfField } from '../parts/csrf-field.tsx';
import { Moment } from '../parts/moment.tsx';
import { customerOf, Example } from './example.tsx';
import { causePath, GroupCard } from './group-card.tsx';
import { seesPersonalData } from './masking.ts';

export interface GroupData {
  group: FailureGroup;
  page: FailuresPage;
  example: FailureExample | undefined;
  campaign: string | undefined;
  now: number;
}

export function GroupPage({ group, page, example, campaign, now, reader }: GroupData & { reader: Reader }) {
  const { cause } = group;
  const isOperator = mayAct(reader.operator.role, 'operator');
  return (
    <>
      <h1>{cause.code}</h1>
      <GroupCard group={group} campaign={campaign} now={now} reader={reader} isOwnPage />
      {example !== undefined && <Example example={example} reader={reader} />}
      <section aria-labelledby="failures">
        <h2 id="failures">One by one</h2>
        <form method="post" action={causePath(cause.id, '/selected', undefined)}>
          <CsrfField token={reader.csrfToken} />
          <div class="table-responsive" tabIndex={0} role="region" aria-label="Failures">
            <table class="table table-sm">
              <thead>
                <tr>
                  {isOperator && <th scope="col">Pick</th>}
                  <th scope="col">Campaign and row</th>
                  <th scope="col">Customer</th>
                  <th scope="col">When</th>
                  <th scope="col">Answer</th>
                  {isOperator && <th scope="col">Edit</th>}
                </tr>
              </thead>
              <tbody>{page.failures.map((found) => Row({ found, cause: cause.id, reader }))}</tbody>
            </table>
          </div>
          {isOperator && (
            <>
              <ReasonField />
              <div class="d-flex flex-wrap gap-2 mb-3">
                {group.repeatable && (
                  <button class="btn btn-primary" type="submit" name="act" value="retry">
                    Send the picked ones again
                  </button>
                )}
                <button class="btn" type="submit" name="act" value="discard">
                  Discard the picked ones
                </button>
              </div>
            </>
          )}
        </form>
        {page.next !== undefined && (
          <a
            class="btn"
            href={`${causePath(cause.id, '', campaign)}${campaign === undefined ? '?' : '&'}after=${encodeURIComponent(page.next)}`}
          >
            More
          </a>
        )}
      </section>
    </>
  );
}

function Row({ found, cause, reader }: { found: FoundFailure; cause: string; reader: Reader }) {
  const { campaign, record } = found;
  const job = jobIdOf(record) ?? String(rowOf(record));
  const isOperator = mayAct(reader.operator.role, 'operator');
  return (
    <tr key={`${campaign} ${job}`}>
      {isOperator && (
        <td>
          <input
            type="checkbox"
            class="form-check-input"
            name="picked"
            value={`${campaign} ${job}`}
            aria-label={`Pick ${job}`}
          />
        </td>
      )}
      <td>
        <a href={`/campaigns/${encodeURIComponent(campaign)}`}>{campaign}</a>, row {rowOf(record)}
      </td>
      <td>{customerOf(record, reader)}</td>
      <td>
        <Moment at={record.at} zone={reader.zone} />
      </td>
      <td>{seesPersonalData(reader.operator) ? record.failure.detail : ''}</td>
      {isOperator && (
        <td>
          {'job' in record && (
            <a
              href={`/failures/${encodeURIComponent(cause)}/edit-one?campaign=${encodeURIComponent(campaign)}&job=${encodeURIComponent(job)}`}
            >
              Edit<span class="visually-hidden"> {job}</span>
            </a>
          )}
        </td>
      )}
    </tr>
  );
}
