/** One failure in full: what was sent, what came back. */

import type { FailedRecord } from '../../../domain/failures/failed.ts';
import { rowOf } from '../../../domain/failures/failed.ts';
import type { FailureExample } from '../../../domain/failures/failure-group.ts';
import type { Customer } from '../../../domain/jobs/pass-job.ts';
import type { Json } from '../../../domain/jobs/program.ts';
import type { Reader } from '../layout.tsx';
import { Moment } from '../parts/moment.tsx';
import { masked, maskedText, seesPersonalData } from './masking.ts';

export function Example({ example, reader }: { example: FailureExample; reader: Reader }) {
  const { campaign, record, request } = example;
  const sees = seesPersonalData(reader.operator);
  const show = (value: Json) => JSON.stringify(sees ? value : masked(value), null, 2);
  const { failure, at } = record;
  return (
    <section aria-labelledby="example">
      <h2 id="example">An example</h2>
      <p>
        Row {rowOf(record)} of <a href={`/campaigns/${encodeURIComponent(campaign)}`}>{campaign}</a>,{' '}
        <Moment at={at} zone={reader.zone} />
        {'attempts' in record &&
          `, after ${record.attempts} ${record.attempts === 1 ? 'attempt' : 'attempts'}`}
        .{!sees && ' Personal data is masked: operators see it.'}
      </p>
      {request !== undefined && (
        <>
          <h3>Request, as it would be sent now</h3>
          <pre class="body" tabIndex={0}>
            {show(request)}
          </pre>
        </>
      )}
      <h3>Answer{failure.status !== undefined && `: ${failure.status}`}</h3>
      <pre class="body" tabIndex={0}>
        {sees ? failure.detail : maskedText(failure.detail)}
      </pre>
    </section>
  );
}

/** The customer's id, as far as the reader may see it. */
export function customerOf(record: FailedRecord, reader: Reader): string {
  const customer = 'job' in record ? firstId(record.job.customer) : '';
  return seesPersonalData(reader.operator) ? customer : maskedText(customer);
}

function firstId({ ids }: Customer): string {
  const [first] = Object.entries(ids);
  return first === undefined ? '' : `${first[0]}:${first[1]}`;
}
