/** The second step: what is sent, how it is guarded, and a look at the cards while it is typed. */

import type { InputHTMLAttributes } from 'preact';
import type { CampaignDraft, DraftForm } from '../../../domain/campaigns/draft.ts';
import { LONGEST_TEXT } from '../../../domain/jobs/pass-job.ts';
import { CsrfField } from '../parts/csrf-field.tsx';

interface DraftFormProps {
  draft: CampaignDraft;
  form: DraftForm;
  zone: string;
  csrfToken: string | undefined;
}

export function DraftFields({ draft, form, zone, csrfToken }: DraftFormProps) {
  const at = `/campaigns/drafts/${encodeURIComponent(draft.id)}`;
  const { action } = draft;
  const field = (name: string, label: string, more: FieldProps['more'] = {}) => (
    <Field name={name} label={label} value={form[name] ?? ''} more={more} />
  );
  return (
    <form
      method="post"
      action={`${at}/check`}
      class="card card-body"
      hx-post={`${at}/preview`}
      hx-trigger="load, input delay:400ms"
      hx-target="#preview"
      hx-swap="innerHTML"
      {...(csrfToken !== undefined && { 'hx-headers': JSON.stringify({ 'csrf-token': csrfToken }) })}
    >
      <CsrfField token={csrfToken} />
      {action === 'notify' && (
        <div class="mb-3">
          <label class="form-label" for="text">
            Text (up to {LONGEST_TEXT} characters)
          </label>
          <textarea class="form-control" id="text" name="text" rows={3} maxLength={LONGEST_TEXT}>
            {form['text'] ?? ''}
          </textarea>
        </div>
      )}
      {field('where', 'Only customers of whom this is true, e.g. {{ customer.age | int > 17 }}')}
      {field('useBy', `Send nothing after (${zone})`, { type: 'datetime-local' })}
      <div class="row">
        {field('canary', 'Canary: first so many people, then wait', { type: 'number', min: 1 })}
        {field('continueAt', 'Go on after the canary if no more than so many percent failed', percent)}
        {field('pauseAt', 'Pause once so many percent failed', percent)}
        {field('quietHours', `Quiet hours, e.g. 21:00-08:00 (${zone})`)}
        {action === 'notify' &&
          field('maxNotificationsPerDay', 'Rings of one card in 24 hours at most', {
            type: 'number',
            min: 1,
          })}
      </div>
      {action !== 'notify' && (
        <Tick
          name="changedOnly"
          label="Leave alone whose card would show what it shows already"
          form={form}
        />
      )}
      <Tick
        name="skipBadRows"
        label="Start although some rows cannot be read: they are rejected one by one"
        form={form}
      />
      <div>
        <button class="btn btn-primary" type="submit">
          Check all customers
        </button>
      </div>
    </form>
  );
}

const percent = { type: 'number', min: 0, max: 100, step: 'any' } as const;

interface FieldProps {
  name: string;
  label: string;
  value: string;
  more: Pick<InputHTMLAttributes, 'type' | 'min' | 'max' | 'step'>;
}

function Field({ name, label, value, more }: FieldProps) {
  return (
    <div class="mb-3">
      <label class="form-label" for={name}>
        {label}
      </label>
      <input
        {...({
          class: 'form-control',
          id: name,
          name,
          value,
          autoComplete: 'off',
          ...more,
        } as InputHTMLAttributes)}
      />
    </div>
  );
}

function Tick({ name, label, form }: { name: string; label: string; form: DraftForm }) {
  return (
    <div class="form-check mb-3">
      <input class="form-check-input" type="checkbox" id={name} name={name} checked={form[name] === 'on'} />
      <label class="form-check-label" for={name}>
        {label}
      </label>
    </div>
  );
}
