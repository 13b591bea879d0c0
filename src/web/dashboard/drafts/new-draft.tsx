/** The first step of a new campaign: its program, action and customers. */

import { campaignActions } from '../../../domain/campaigns/campaign-action.ts';
import type { OfferedProgram } from '../../../domain/campaigns/draft.ts';
import { assetPath } from '../../assets.ts';
import { routes } from '../../paths.ts';
import { CsrfField } from '../parts/forms.tsx';

interface NewDraftProps {
  programs: readonly OfferedProgram[];
  sources: readonly string[];
  csrfToken: string | undefined;
}

const actionChoices = {
  issue: 'Issue cards to customers without one',
  reissue: 'Replace existing cards',
  update: 'Update the data on existing cards',
  notify: 'Send a notification',
} as const;

export function NewDraft({ programs, sources, csrfToken }: NewDraftProps) {
  return (
    <>
      <h1>New campaign</h1>
      <form id="draft" method="post" action={routes.drafts} class="card narrow">
        <CsrfField token={csrfToken} />
        <input type="hidden" name="upload" />
        <input type="hidden" name="name" />
        <Choice
          name="program"
          label="Program"
          options={programs.map((program) => [program.name, program.name])}
        />
        <Choice
          name="action"
          label="Action"
          options={campaignActions.map((action) => [action, actionChoices[action]])}
        />
        <fieldset class="form">
          <legend class="visually-hidden">Customers</legend>
          <div class="field">
            <label for="file">Customer file: CSV, JSON Lines or Bloomreach JSON (.gz allowed)</label>
            <input id="file" type="file" />
            <progress value={0} max={1} aria-label="Upload" hidden />
            <p id="upload-state" class="hint" role="status" />
          </div>
          {sources.length > 0 && (
            <Choice
              name="source"
              label="Or a saved source"
              options={[['', 'No source'], ...sources.map((source) => [source, `@${source}`] as const)]}
            />
          )}
        </fieldset>
        <div>
          <button class="btn btn-primary" type="submit">
            Continue
          </button>
        </div>
      </form>
      <script src={assetPath('tus.min.js')} />
      <script src={assetPath('upload.js')} type="module" />
    </>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  options: readonly (readonly [value: string, text: string])[];
}

function Choice({ name, label, options }: ChoiceProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
