/** Approximates what a customer will see. Passmachine owns the card's design; this shows the values that fill it. */

import type { CampaignAction } from '../../../domain/campaigns/campaign-action.ts';
import type { Sample } from '../../../domain/campaigns/preflight.ts';
import type { CardType, Json } from '../../../domain/jobs/program.ts';
import { formatNumber } from '../../../domain/presentation/format.ts';

interface CardPreviewProps {
  sample: Sample;
  card: CardType;
  action: CampaignAction;
}

/** The variable whose value phones show on the lock screen. */
const NOTIFICATION_FIELD = 'fieldValue';

const sampleLabels: Readonly<Record<Sample['title'], string>> = {
  typical: 'Typical',
  longest: 'Longest values',
  'fewest fields': 'Most empty fields',
  'longest word': 'Longest word',
  'rarest letters': 'Unusual characters',
};

export function CardPreview({ sample: { title, row, body }, card, action }: CardPreviewProps) {
  const variables = variablesOf(body);
  const text = variables[NOTIFICATION_FIELD];
  const label = sampleLabels[title];
  return (
    <section class="stack-tight" aria-label={`Row ${row}: ${label}`}>
      <h3>
        {label} <span class="muted">row {formatNumber(row)}</span>
      </h3>
      {action === 'notify' && text !== undefined && (
        <div class="lock-screen">
          <strong>{card} card</strong>
          {/* Right to left for Arabic and Hebrew, as on phones. */}
          <div dir="auto">{text}</div>
        </div>
      )}
      {action !== 'notify' && (
        <div class="card-preview">
          <strong>{card} card</strong>
          {Object.entries(variables).map(([name, value]) => (
            <div key={name}>
              <small>{name}</small>: <bdi>{value}</bdi>
            </div>
          ))}
        </div>
      )}
      <details>
        <summary>Request sent to Passmachine</summary>
        {/* The tab stop makes it scrollable by keyboard. */}
        <pre tabIndex={0}>{JSON.stringify(body, null, 2)}</pre>
      </details>
    </section>
  );
}

/** Returns the variables by name, from the body of a create or from a JSON Patch. */
function variablesOf(body: Json): Record<string, string> {
  const variables = Array.isArray(body)
    ? body.flatMap((step) => {
        const { path, value } = (step ?? {}) as { path?: Json; value?: Json };
        return typeof path === 'string' ? [[path.split('/').at(-1) ?? path, value ?? ''] as const] : [];
      })
    : Object.entries((body as { templateVariables?: Record<string, Json> } | null)?.templateVariables ?? {});
  return Object.fromEntries(
    variables.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
