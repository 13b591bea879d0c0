/** What would become of the customers, before anything is sent. */

import type { CampaignDraft, DraftForm, PreflightReport } from '../../../domain/campaigns/draft.ts';
import { failureKinds } from '../../../domain/failures/failure.ts';
import { type SkipReason, skipReasons } from '../../../domain/jobs/outcome.ts';
import { count, number, timeLeftWords } from '../parts/wording.ts';
import { CardPreview } from './card-preview.tsx';

interface PreflightProps {
  draft: CampaignDraft;
  preflight: PreflightReport;
}

/** The numbers, which add up to the rows that were looked at. */
export function PreflightNumbers({ preflight: { preflight, isWhole, takes } }: PreflightProps) {
  const { rows, toSend, sameText, quietNow, skipped, rejected, byCode, rejectedRows } = preflight;
  return (
    <>
      {!isWhole && <p class="alert alert-info">These are the first {number(rows)} rows; there are more.</p>}
      <table class="table table-sm w-auto">
        <caption class="visually-hidden">What would become of the rows</caption>
        <tbody>
          <Line count={toSend} what={`would be sent, in about ${timeLeftWords(takes)}`} />
          {quietNow > 0 && <Line count={quietNow} what="of them have quiet hours now" />}
          {sameText > 0 && <Line count={sameText} what="of them with the text that this program sent last" />}
          {Object.entries(skipped).map(([reason, n]) => (
            <Line key={reason} count={n} what={`would be skipped: ${skipReasons[reason as SkipReason]}`} />
          ))}
          <Line count={rejected} what="would be rejected" />
          <Line count={rows} what="= rows" />
        </tbody>
      </table>
      {[...byCode].map(([code, n]) => (
        <p key={code}>
          {number(n)} × {code}: {failureKinds[code].meaning} {failureKinds[code].action}
        </p>
      ))}
      {rejectedRows.length > 0 && (
        <details>
          <summary>The first {count(rejectedRows.length, 'rejected row')}</summary>
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

/** The customers whose cards are likeliest to look wrong. */
export function HardestCustomers({
  draft,
  preflight: { card, preflight },
  form,
}: PreflightProps & { form: DraftForm }) {
  if (preflight.samples.length === 0) return <p>Nobody among the rows looked at would be sent anything.</p>;
  return (
    <>
      {/\{[{%]/.test(form['text'] ?? '') && (
        <p class="alert alert-warning" role="alert">
          Everybody is sent the same text, as it stands here: what is in braces is not filled in.
        </p>
      )}
      <h2>Five customers whose cards are likeliest to look wrong</h2>
      <div class="hardest">
        {preflight.samples.map((sample) => (
          <CardPreview key={sample.title} sample={sample} card={card} action={draft.action} />
        ))}
      </div>
    </>
  );
}

function Line({ count: n, what }: { count: number; what: string }) {
  return (
    <tr>
      <td class="number">{number(n)}</td>
      <td>{what}</td>
    </tr>
  );
}
