/** About what a customer would see. The card's design is Passmachine's; what fills it is shown here. */

import type { CampaignAction } from '../../../domain/campaigns/campaign.ts';
import type { CardType, Json } from '../../../domain/jobs/program.ts';
import type { Sample } from '../../../domain/campaigns/preflight.ts';

interface CardPreviewProps {
  sample: Sample;
  card: CardType;
  action: CampaignAction;
}

/** Values that tell a phone what to show on its lock screen. */
const NOTIFICATIONS = 'fieldValue';

export function CardPreview({ sample: { title, row, body }, card, action }: CardPreviewProps) {
  const variables = variablesOf(body);
  const text = variables[NOTIFICATIONS];
  return (
    <section class="mb-3" aria-label={`Row ${row}: ${title}`}>
      <h3>
        {title} <span class="text-secondary">row {row}</span>
      </h3>
      {action === 'notify' && text !== undefined && (
        <div class="lock-screen mb-2">
          <strong>{card} card</strong>
          {/* From right to left where it is Arabic or Hebrew, as phones do. */}
          <div dir="auto">{text}</div>
        </div>
      )}
      {action !== 'notify' && (
        <div class="card-preview mb-2">
          <strong>{card} card</strong>
          {Object.entries(variables).map(([name, value]) => (
            <div key={name}>
              <small>{name}</small>: <bdi>{value}</bdi>
            </div>
          ))}
        </div>
      )}
      <details>
        <summary>What is sent</summary>
        {/* Scrolled by keyboard too. */}
        <pre class="body" tabIndex={0}>
          {JSON.stringify(body, null, 2)}
        </pre>
      </details>
    </section>
  );
}

/** By name, out of a create's body or a JSON Patch. */
function variablesOf(body: Json): Record<string, string> {
  const entries = Array.isArray(body)
    ? body.flatMap((step) => {
        const { path, value } = (step ?? {}) as { path?: Json; value?: Json };
        return typeof path === 'string' ? [[path.split('/').at(-1) ?? path, value ?? ''] as const] : [];
      })
    : Object.entries((body as { templateVariables?: Record<string, Json> } | null)?.templateVariables ?? {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
