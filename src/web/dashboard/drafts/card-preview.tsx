/** What one customer of a draft will see: the notification on the lock screen, or the card. */

import type { CampaignAction } from '../../../domain/campaigns/campaign-action.ts';
import type { Sample } from '../../../domain/campaigns/preflight.ts';
import { type CardProgram, faceOf } from '../../../domain/cards/card-face.ts';
import { NOTIFICATION_VARIABLE, variablesOf } from '../../../domain/cards/card-variables.ts';
import { formatNumber } from '../../../domain/presentation/format.ts';
import { LockScreen } from '../cards/lock-screen.tsx';
import { AppleCard } from '../cards/wallet-card.tsx';

interface CardPreviewProps {
  sample: Sample;
  program: CardProgram;
  action: CampaignAction;
}

const sampleLabels: Readonly<Record<Sample['title'], string>> = {
  typical: 'Typical',
  longest: 'Longest values',
  'fewest fields': 'Most empty fields',
  'longest word': 'Longest word',
  'rarest letters': 'Unusual characters',
};

export function CardPreview({ sample: { title, row, body }, program, action }: CardPreviewProps) {
  const variables = variablesOf(body);
  const face = faceOf(program, variables);
  const text = variables[NOTIFICATION_VARIABLE];
  const label = sampleLabels[title];
  return (
    <section class="stack-tight" aria-label={`Row ${row}: ${label}`}>
      <h3>
        {label} <span class="muted">row {formatNumber(row)}</span>
      </h3>
      {action === 'notify' && text !== undefined && <LockScreen {...face} text={text} />}
      {action !== 'notify' && (
        <div class="card-preview">
          <AppleCard face={face} />
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
