/** Forms that change something. They work with the keyboard and without JavaScript. */

import type { ComponentChildren } from 'preact';
import { MAX_REASON_LENGTH } from '../form-fields.ts';

/** The CSRF token. Absent in content that many viewers share: there the browser adds it on submit. */
export function CsrfField({ token }: { token: string | undefined }) {
  return token === undefined ? null : <input type="hidden" name="_csrf" value={token} />;
}

/** The reason that goes into the audit log. */
export function ReasonField({ required = false }: { required?: boolean }) {
  return (
    <div class="field">
      <label for="reason">Reason ({required ? 'required' : 'optional'}, shown in the audit log)</label>
      <input id="reason" name="reason" maxLength={MAX_REASON_LENGTH} required={required} autoComplete="off" />
    </div>
  );
}

interface ActionFormProps {
  /** Path that the form is sent to. */
  to: string;
  label: string;
  /** Color of the button. */
  tone?: 'primary' | 'danger' | 'warning' | undefined;
  /** Completes the label for screen readers, e.g. with a campaign's id. */
  about?: string;
  csrfToken?: string | undefined;
}

/** A single button. */
export function ActionForm({ to, label, tone, about, csrfToken }: ActionFormProps) {
  return (
    <form method="post" action={to}>
      <CsrfField token={csrfToken} />
      <button type="submit" class={`btn ${tone === undefined ? '' : `btn-${tone}`}`}>
        {label}
        {about !== undefined && <span class="visually-hidden"> {about}</span>}
      </button>
    </form>
  );
}

interface ConfirmProps {
  /** Path that the form is sent to. */
  to: string;
  /** Text of the button. */
  label: string;
  tone: 'primary' | 'danger';
  /** Path of the page to return to without changing anything. */
  back: string;
  csrfToken: string | undefined;
  needsReason?: boolean;
  /** What the action will do. */
  children: ComponentChildren;
}

/** Asks for confirmation and a reason. */
export function Confirm({ to, label, tone, back, csrfToken, needsReason = false, children }: ConfirmProps) {
  return (
    <form method="post" action={to} class="card narrow">
      <CsrfField token={csrfToken} />
      {children}
      <ReasonField required={needsReason} />
      <div class="actions">
        <button type="submit" class={`btn btn-${tone}`}>
          {label}
        </button>
        <a class="btn" href={back}>
          Cancel
        </a>
      </div>
    </form>
  );
}
