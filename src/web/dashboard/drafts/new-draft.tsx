/** The first step of a new campaign: what is done, and for whom. */

import { campaignActions } from '../../../domain/campaigns/campaign.ts';
import type { OfferedProgram } from '../../../domain/campaigns/draft.ts';
import { CsrfField } from '../parts/csrf-field.tsx';

interface NewDraftProps {
  programs: readonly OfferedProgram[];
  sources: readonly string[];
  csrfToken: string | undefined;
}

const does = {
  issue: 'issue: cards for customers who have none',
  reissue: 'reissue: a new card in place of each',
  update: 'update: fill the cards with the data of now',
  notify: 'notify: ring the phones with a text',
} as const;

export function NewDraft({ programs, sources, csrfToken }: NewDraftProps) {
  return (
    <>
      <h1>New campaign</h1>
      <form id="draft" method="post" action="/campaigns/drafts" class="card card-body">
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
          options={campaignActions.map((action) => [action, does[action]])}
        />
        <fieldset class="mb-3">
          <legend class="form-label">Customers</legend>
          <label class="form-label" for="file">
            An export: CSV, JSON Lines or Bloomreach’s native JSON, gzip or not
          </label>
          <input class="form-control" id="file" type="file" />
          <progress class="mt-2" value={0} max={1} aria-label="Upload" hidden />
          <p id="upload-state" role="status" />
          {sources.length > 0 && (
            <Choice
              name="source"
              label="Or a source, where no file is chosen"
              options={[['', 'none'], ...sources.map((source) => [source, `@${source}`] as const)]}
            />
          )}
        </fieldset>
        <div>
          <button class="btn btn-primary" type="submit">
            Next
          </button>
        </div>
      </form>
      <script src="/assets/tus.min.js" />
      <script src="/assets/upload.js" type="module" />
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
    <div class="mb-3">
      <label class="form-label" for={name}>
        {label}
      </label>
      <select class="form-select" id={name} name={name}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
