/** The routes of card previews: colors, logos, and the cards of a draft one by one. */

import type { CampaignDraft, AudienceCard } from '../../../domain/campaigns/draft.ts';
import { faceOf } from '../../../domain/cards/card-face.ts';
import { NOTIFICATION_VARIABLE } from '../../../domain/cards/card-variables.ts';
import { formatCount, formatNumber } from '../../../domain/presentation/format.ts';
import { UserError } from '../../../kit/user-error.ts';
import { pathTo, routes } from '../../paths.ts';
import type { CardService, DraftService } from '../dashboard-service.ts';
import { headingOf, Problems, titleOf } from '../drafts/draft-pages.tsx';
import type { DashboardScope } from '../page.tsx';
import { addCardColors } from './card-colors.ts';
import { LockScreen } from './lock-screen.tsx';
import { WalletCards } from './wallet-card.tsx';

interface CardStep {
  draft: CampaignDraft;
  /** The text of the notification; absent if the campaign has none. */
  text: string | undefined;
  /** Undefined if none of the first customers would be sent anything. */
  card: AudienceCard | undefined;
  problem?: string;
}

/** Adds the routes to a guarded scope. */
export function addCardPages(
  { scope, addPage }: DashboardScope,
  drafts: DraftService,
  cards: CardService,
): void {
  addCardColors(scope);

  scope.get<{ Params: { program: string } }>(
    routes.cardLogo,
    { config: { role: 'viewer' } },
    async ({ params: { program } }, reply) => {
      const logo = await cards.logo(program);
      if (logo === undefined) return reply.callNotFound();
      return reply.type(logo.type).header('cache-control', 'private, max-age=60').send(logo.bytes);
    },
  );

  addPage<CardStep>({
    route: routes.draftCards,
    role: 'operator',
    async load({ params: { id = '' }, query }) {
      const draft = await drafts.find(id);
      if (draft === undefined) return undefined;
      const text = draft.showsText ? (query['text'] ?? draft.form?.['text'] ?? '') : undefined;
      if (text?.trim() === '') return { draft, text, card: undefined };
      const number = Math.max(1, Math.trunc(Number(query['n'])) || 1);
      try {
        const form = { ...draft.form, ...(text !== undefined && { text }) };
        return { draft, text, card: await drafts.card(draft, form, number) };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return { draft, text, card: undefined, problem: error.message };
      }
    },
    title: ({ draft }) => `Cards · ${titleOf(draft)}`,
    fixed: (step) => <CardSteps {...step} />,
  });
}

function CardSteps({ draft, text, card, problem }: CardStep) {
  const { id } = draft;
  return (
    <>
      <h1>{headingOf(draft)}</h1>
      {text !== undefined && (
        <form class="filters" action={pathTo(routes.draftCards, { id })}>
          <div class="field">
            <label for="text">Text of the notification</label>
            <input id="text" name="text" value={text} maxLength={250} dir="auto" />
          </div>
          <button class="btn" type="submit">
            Show
          </button>
        </form>
      )}
      {problem !== undefined && <Problems text={problem} />}
      {card === undefined && problem === undefined && (
        <p class="card" role="status">
          {text?.trim() === ''
            ? 'Type a text to see the preview.'
            : 'None of the first customers would receive this.'}
        </p>
      )}
      {card !== undefined && <OneCard id={id} text={text} card={card} />}
      <p>
        <a class="btn" href={pathTo(routes.draft, { id })}>
          Back to the draft
        </a>
      </p>
    </>
  );
}

function OneCard({ id, text, card }: { id: string; text: string | undefined; card: AudienceCard }) {
  const { program, number, count, row, variables } = card;
  const face = faceOf(program, variables);
  const notification = variables[NOTIFICATION_VARIABLE];
  const step = (to: number) => pathTo(routes.draftCards, { id }, { n: to, text });
  return (
    <section class="card stack" aria-labelledby="customer">
      <div class="card-head">
        <h2 id="customer">
          Customer {formatNumber(number)} of the first {formatNumber(count)}{' '}
          <span class="muted">row {formatNumber(row)}</span>
        </h2>
        <nav class="actions" aria-label="Customers">
          {number > 1 && (
            <a class="btn" rel="prev" href={step(number - 1)}>
              Previous
            </a>
          )}
          {number < count && (
            <a class="btn" rel="next" href={step(number + 1)}>
              Next
            </a>
          )}
        </nav>
      </div>
      {text !== undefined && notification !== undefined && (
        <div class="stack-tight">
          <h3>On the lock screen</h3>
          <LockScreen {...face} text={notification} />
          <p class="small muted">
            {formatCount(Array.from(notification).length, 'character')}. An iPhone shows up to four lines,
            Android one until the notification is expanded.
          </p>
        </div>
      )}
      <WalletCards face={face} />
    </section>
  );
}
