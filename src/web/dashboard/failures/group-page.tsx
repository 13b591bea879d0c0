/** The failures of one cause: an example in full, and the list to select from. */

import { jobIdOf, rowOf, type FailedRecord } from '../../../domain/failures/failed.ts';
import type {
  FailureExample,
  FailureGroup,
  FailuresPage,
  FoundFailure,
} from '../../../domain/failures/failure-group.ts';
import type { Json } from '../../../domain/jobs/program.ts';
import { hasRole } from '../../../domain/operators/operator.ts';
import { formatCount } from '../../../domain/presentation/format.ts';
import { pathTo, routes } from '../../paths.ts';
import type { Viewer } from '../layout.tsx';
import { CsrfField, ReasonField } from '../parts/forms.tsx';
import { Time } from '../parts/labels.tsx';
import { GroupCard } from './group-card.tsx';
import { masked, maskedText, seesPersonalData } from './masking.ts';
import { CARD_PREFIX, MAX_CARD_LENGTH } from './resolution-pages.tsx';

export interface GroupData {
  group: FailureGroup;
  page: FailuresPage;
  example: FailureExample | undefined;
  campaign: string | undefined;
  now: number;
}

export function GroupPage({ group, page, example, campaign, now, viewer }: GroupData & { viewer: Viewer }) {
  const params = { cause: group.cause.id };
  const isOperator = hasRole(viewer.operator.role, 'operator');
  return (
    <>
      <h1>{group.cause.code}</h1>
      <GroupCard group={group} campaign={campaign} now={now} viewer={viewer} isOwnPage />
      {example !== undefined && <Example example={example} viewer={viewer} />}
      <section class="card" aria-labelledby="failures">
        <h2 id="failures">Customers</h2>
        <form method="post" action={pathTo(routes.causeSelected, params)} id="selection" class="form">
          <CsrfField token={viewer.csrfToken} />
          <div class="table-scroll" tabIndex={0} role="region" aria-label="Failures">
            <table class="table">
              <thead>
                <tr>
                  {isOperator && <th scope="col">Select</th>}
                  <th scope="col">Campaign and row</th>
                  <th scope="col">Customer</th>
                  <th scope="col">Time</th>
                  <th scope="col">Reply</th>
                  {isOperator && <th scope="col">{group.unknown ? 'Card id' : 'Edit'}</th>}
                </tr>
              </thead>
              <tbody>
                {page.failures.map((found) => (
                  <Row
                    key={`${found.campaign} ${idOf(found)}`}
                    found={found}
                    cause={group.cause.id}
                    isUnknown={group.unknown}
                    viewer={viewer}
                  />
                ))}
              </tbody>
            </table>
          </div>
          {isOperator && <SelectionActions group={group} />}
        </form>
        {page.next !== undefined && (
          <a class="btn" href={pathTo(routes.cause, params, { campaign, after: page.next })}>
            Next page
          </a>
        )}
      </section>
    </>
  );
}

function SelectionActions({ group: { retryable, unknown, cause } }: { group: FailureGroup }) {
  return (
    <>
      <ReasonField />
      <div class="actions">
        {unknown && (
          <button
            class="btn btn-primary"
            type="submit"
            formAction={pathTo(routes.causeResolve, { cause: cause.id })}
          >
            Cards exist: save the ids entered
          </button>
        )}
        {unknown && (
          <button
            class="btn btn-danger"
            type="submit"
            formAction={pathTo(routes.causeResolve, { cause: cause.id })}
            name="action"
            value="create-again"
          >
            Create selected again…
          </button>
        )}
        {retryable && !unknown && (
          <button class="btn btn-primary" type="submit" name="action" value="retry">
            Retry selected
          </button>
        )}
        <button class="btn" type="submit" name="action" value="discard">
          Discard selected
        </button>
      </div>
    </>
  );
}

/** Identifies a failure in its campaign: the job's id, or the row if it never became a job. */
function idOf({ record }: FoundFailure): string {
  return jobIdOf(record) ?? String(rowOf(record));
}

interface RowProps {
  found: FoundFailure;
  cause: string;
  isUnknown: boolean;
  viewer: Viewer;
}

function Row({ found, cause, isUnknown, viewer }: RowProps) {
  const { campaign, record } = found;
  const job = idOf(found);
  const isOperator = hasRole(viewer.operator.role, 'operator');
  return (
    <tr>
      {isOperator && (
        <td>
          <input
            type="checkbox"

            name="selected"
            value={`${campaign} ${job}`}
            aria-label={`Select ${job}`}
          />
        </td>
      )}
      <td>
        <a href={pathTo(routes.campaign, { id: campaign })}>{campaign}</a>, row {rowOf(record)}
      </td>
      <td>{customerOf(record, viewer)}</td>
      <td>
        <Time at={record.at} zone={viewer.zone} seconds />
      </td>
      <td>{seesPersonalData(viewer.operator) ? record.failure.detail : ''}</td>
      {isOperator && isUnknown && (
        <td>
          <input
            name={`${CARD_PREFIX}${job}`}
            maxLength={MAX_CARD_LENGTH}
            autoComplete="off"
            aria-label={`Card id of ${job}`}
          />
        </td>
      )}
      {isOperator && !isUnknown && (
        <td>
          {'job' in record && (
            <a href={pathTo(routes.failureEdit, { cause }, { campaign, job })}>
              Edit<span class="visually-hidden"> {job}</span>
            </a>
          )}
        </td>
      )}
    </tr>
  );
}

/** Returns the customer's first id, masked for viewers. */
function customerOf(record: FailedRecord, viewer: Viewer): string {
  if (!('job' in record)) return '';
  const [first] = Object.entries(record.job.customer.ids);
  const customer = first === undefined ? '' : `${first[0]}:${first[1]}`;
  return seesPersonalData(viewer.operator) ? customer : maskedText(customer);
}

/** One failure with its request and reply. */
function Example({ example, viewer }: { example: FailureExample; viewer: Viewer }) {
  const { campaign, record, request } = example;
  const { failure, at } = record;
  const isUnmasked = seesPersonalData(viewer.operator);
  const show = (value: Json) => JSON.stringify(isUnmasked ? value : masked(value), null, 2);
  return (
    <section class="card" aria-labelledby="example">
      <h2 id="example">Example</h2>
      <p>
        Row {rowOf(record)} of <a href={pathTo(routes.campaign, { id: campaign })}>{campaign}</a>,{' '}
        <Time at={at} zone={viewer.zone} seconds />
        {'attempts' in record && `, after ${formatCount(record.attempts, 'attempt')}`}.
        {!isUnmasked && ' Personal data is hidden for viewers.'}
      </p>
      {request !== undefined && (
        <>
          <h3>Request (current template)</h3>
          <pre tabIndex={0}>{show(request)}</pre>
        </>
      )}
      <h3>Reply{failure.status !== undefined && `: ${failure.status}`}</h3>
      <pre tabIndex={0}>{isUnmasked ? failure.detail : maskedText(failure.detail)}</pre>
    </section>
  );
}
