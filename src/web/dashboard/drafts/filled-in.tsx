/** What a campaign was asked for besides its customers, to be read once more before it starts. */

import type { DraftForm } from '../../../domain/campaigns/draft.ts';

/** By field; a tick has nothing to say but that it is there. */
const words: Readonly<Record<string, string>> = {
  text: 'Text',
  where: 'Only customers of whom this is true',
  useBy: 'Nothing is sent after',
  canary: 'Canary, people',
  continueAt: 'Goes on after the canary, percent failed at most',
  pauseAt: 'Pauses at, percent failed',
  quietHours: 'Quiet hours',
  maxNotificationsPerDay: 'Rings of one card in 24 hours at most',
  changedOnly: 'Leaves alone whose card would show the same',
  skipBadRows: 'Starts although some rows cannot be read',
};

export function FilledIn({ form }: { form: DraftForm }) {
  const filled = Object.entries(words).filter(([name]) => (form[name] ?? '').trim() !== '');
  if (filled.length === 0) return <p>No guards: nothing holds it back but what is configured.</p>;
  return (
    <dl class="row">
      {filled.map(([name, term]) => (
        <>
          <dt class="col-sm-5 col-lg-4">{term}</dt>
          <dd class="col-sm-7 col-lg-8" dir="auto">
            {form[name] === 'on' ? 'yes' : form[name]}
          </dd>
        </>
      ))}
    </dl>
  );
}
