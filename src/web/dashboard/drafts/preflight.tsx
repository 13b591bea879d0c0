/** The preflight report of a draft: how many customers would be sent to, and previews of their cards. */

import type { CampaignDraft, DraftForm, PreflightReport } from '../../../domain/campaigns/draft.ts';
import { describeWarning } from '../../../domain/campaigns/preflight-warning.ts';
import { failureKinds } from '../../../domain/failures/failure.ts';
import { type SkipReason, skipReasons } from '../../../domain/jobs/outcome.ts';
import { formatCount, formatNumber, formatTimeLeft } from '../../../domain/presentation/format.ts';
import { pathTo, routes } from '../../paths.ts';
import { CardPreview } from './card-preview.tsx';

interface PreflightProps {
  draft: CampaignDraft;
  preflight: PreflightReport;
}

/** The counts, which add up to the rows that were checked. */
export function PreflightNumbers({ preflight: { preflight, duration } }: PreflightProps) {
  const { rows, toSend, sameText, quietNow, skipped, rejected, byCode, rejectedRows, warnings } = preflight;
  return (
    <>
      <table class="table table-fit">
        <caption class="visually-hidden">Rows by expected result</caption>
        <tbody>
          <Line count={toSend} label={`will be sent, in about ${formatTimeLeft(duration)}`} />
          {quietNow > 0 && <Line count={quietNow} label="of these are in quiet hours now" />}
          {sameText > 0 && (
            <Line count={sameText} label="of these got the same text from this program last time" />
          )}
          {Object.entries(skipped).map(([reason, count]) => (
            <Line key={reason} count={count} label={`skipped: ${skipReasons[reason as SkipReason]}`} />
          ))}
          <Line count={rejected} label="rejected" />
          <Line count={rows} label="total" />
        </tbody>
      </table>
      {warnings.map((warning) => (
        <p key={describeWarning(warning)} class="alert alert-warning" role="alert">
          {describeWarning(warning)}
        </p>
      ))}
      {[...byCode].map(([code, count]) => (
        <p key={code}>
          {formatNumber(count)} × {code}: {failureKinds[code].meaning} {failureKinds[code].remedy}
        </p>
      ))}
      {rejectedRows.length > 0 && (
        <details>
          <summary>
            {rejectedRows.length === 1
              ? 'The rejected row'
              : `The first ${rejectedRows.length} rejected rows`}
          </summary>
          <ul>
            {rejectedRows.map(({ row, failure }) => (
              <li key={row}>
                Row {row}: {failure.detail}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** Previews of the customers whose cards are most likely to look wrong. */
export function EdgeCasePreviews({
  draft,
  preflight: { program, preflight },
  form,
}: PreflightProps & { form: DraftForm }) {
  const { samples } = preflight;
  if (samples.length === 0) return <p>None of the customers checked would receive this.</p>;
  return (
    <>
      {/\{[{%]/.test(form['text'] ?? '') && (
        <p class="alert alert-warning" role="alert">
          Placeholders aren’t replaced in the text: every customer sees the braces literally.
        </p>
      )}
      <h2>Preview: {formatCount(samples.length, 'edge case')} from this export</h2>
      <p>
        <a href={pathTo(routes.draftCards, { id: draft.id }, { text: form['text'] })}>
          Step through the first customers
        </a>
      </p>
      <div class="edge-cases">
        {samples.map((sample) => (
          <CardPreview key={sample.title} sample={sample} program={program} action={draft.action} />
        ))}
      </div>
    </>
  );
}

function Line({ count, label }: { count: number; label: string }) {
  return (
    <tr>
      <td class="number">{formatNumber(count)}</td>
      <td>{label}</td>
    </tr>
  );
}
