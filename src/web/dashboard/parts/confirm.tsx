/** Asks for a reason before something is done that is not undone by a click. */

import type { ComponentChildren } from 'preact';
import { CsrfField } from './csrf-field.tsx';

interface ConfirmProps {
  to: string;
  /** What the button says. */
  label: string;
  tone: 'primary' | 'danger';
  /** Where to go instead. */
  back: string;
  csrfToken: string | undefined;
  /** Whether it may not be done without a word. */
  needsReason?: boolean;
  /** What will happen. */
  children: ComponentChildren;
}

/** Characters of a reason. */
export const LONGEST_REASON = 300;

export function Confirm({ to, label, tone, back, csrfToken, needsReason = false, children }: ConfirmProps) {
  return (
    <form method="post" action={to} class="card card-body">
      <CsrfField token={csrfToken} />
      {children}
      <ReasonField required={needsReason} />
      <div class="d-flex flex-wrap gap-2">
        <button type="submit" class={`btn btn-${tone}`}>
          {label}
        </button>
        <a class="btn" href={back}>
          Back
        </a>
      </div>
    </form>
  );
}

/** Goes into the audit trail. */
export function ReasonField({ required = false }: { required?: boolean }) {
  return (
    <div class="mb-3">
      <label class="form-label" for="reason">
        Why (goes into the audit trail)
      </label>
      <input
        class="form-control"
        id="reason"
        name="reason"
        maxLength={LONGEST_REASON}
        required={required}
        autoComplete="off"
      />
    </div>
  );
}
