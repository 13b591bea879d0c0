/** The form of a draft: a field for each campaign option that applies to its action. */

import type { InputHTMLAttributes } from 'preact';
import type { CampaignDraft, DraftForm } from '../../../domain/campaigns/draft.ts';
import {
  appliesTo,
  type OptionKey,
  optionKeys,
  specOf,
} from '../../../domain/campaigns/options/campaign-options.ts';
import type { OptionSpec } from '../../../domain/campaigns/options/option.ts';
import { pathTo, routes } from '../../paths.ts';
import { CsrfField } from '../parts/forms.tsx';

interface DraftFormProps {
  draft: CampaignDraft;
  form: DraftForm;
  /** Configured time zone, which applies to times in the form. */
  zone: string;
  csrfToken: string | undefined;
}

export function DraftFields({ draft, form, zone, csrfToken }: DraftFormProps) {
  const { id, action, showsText } = draft;
  const offered = optionKeys.filter((key) => appliesTo(key, action) && (key !== 'text' || showsText));
  return (
    <form
      method="post"
      action={pathTo(routes.draftReview, { id })}
      class="card narrow"
      hx-post={pathTo(routes.draftPreview, { id })}
      hx-trigger="load, input delay:400ms"
      hx-target="#preview"
      hx-swap="innerHTML"
    >
      <CsrfField token={csrfToken} />
      {offered.map((key) => (
        <OptionField key={key} name={key} value={form[key] ?? ''} zone={zone} />
      ))}
      <div>
        <button class="btn btn-primary" type="submit">
          Review
        </button>
      </div>
    </form>
  );
}

interface OptionFieldProps {
  name: OptionKey;
  value: string;
  zone: string;
}

function OptionField({ name, value, zone }: OptionFieldProps) {
  const spec = specOf(name);
  const about = { id: name, name, 'aria-describedby': `${name}-help` };
  const help = (
    <small id={`${name}-help`} class="hint">
      {spec.help.replaceAll('TIME_ZONE', zone)}
    </small>
  );
  if (spec.kind === 'switch') {
    return (
      <div class="check">
        <input type="checkbox" checked={value === 'on'} {...about} />
        <label for={name}>{spec.label}</label>
        {help}
      </div>
    );
  }
  return (
    <div class="field">
      <label for={name}>{spec.kind === 'share' ? `${spec.label} (%)` : spec.label}</label>
      {spec.kind === 'text' && (
        <textarea rows={3} maxLength={spec.maxLength} {...about}>
          {value}
        </textarea>
      )}
      {spec.kind === 'choice' && (
        <select {...about}>
          {['', ...spec.choices].map((choice) => (
            <option key={choice} value={choice} selected={choice === value}>
              {choice === '' ? `default: ${spec.choices[0]}` : choice}
            </option>
          ))}
        </select>
      )}
      {spec.kind !== 'text' && spec.kind !== 'choice' && (
        <input
          {...({
            id: name,
            name,
            value,
            'aria-describedby': `${name}-help`,
            autoComplete: 'off',
            ...inputFor(spec),
          } as InputHTMLAttributes)}
        />
      )}
      {help}
    </div>
  );
}

function inputFor(
  spec: OptionSpec,
): Pick<InputHTMLAttributes, 'type' | 'min' | 'max' | 'step' | 'placeholder'> {
  switch (spec.kind) {
    case 'count':
      return { type: 'number', min: 1, ...(spec.max !== undefined && { max: spec.max }) };
    case 'share':
      return { type: 'number', min: 0, max: 100, step: 'any' };
    case 'instant':
      return { type: 'datetime-local' };
    case 'text':
    case 'choice':
    case 'switch':
    case 'condition':
    case 'hours':
    case 'duration':
    case 'zone':
    case 'attribute':
    case 'name':
      return spec.example === undefined ? {} : { placeholder: spec.example };
  }
}
