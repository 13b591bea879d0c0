/** The chosen options of a draft, for the review before the start. */

import type { DraftForm } from '../../../domain/campaigns/draft.ts';
import { summarizeOptions } from '../../../domain/campaigns/options/campaign-options.ts';

export function FilledIn({ form }: { form: DraftForm }) {
  const chosen = summarizeOptions(form);
  if (chosen.length === 0) return <p>No extra safeguards; the defaults apply.</p>;
  return (
    <dl class="facts">
      {chosen.map(([term, value]) => (
        <>
          <dt>{term}</dt>
          <dd dir="auto">{value}</dd>
        </>
      ))}
    </dl>
  );
}
