/** A button that changes something: a form of its own, so that it works by keyboard and without a script. */

import type { ComponentChildren } from 'preact';
import { CsrfField } from './csrf-field.tsx';

interface ActionFormProps {
  /** Where it is sent. */
  to: string;
  label: string;
  /** Tabler's colour of the button. */
  tone?: 'primary' | 'danger' | 'warning' | undefined;
  /** Says more than the label to whoever cannot see where the button stands. */
  about?: string;
  /** Absent where many readers share what is rendered: the browser puts it in then. */
  csrfToken?: string | undefined;
  /** Further fields. */
  children?: ComponentChildren;
}

export function ActionForm({ to, label, tone, about, csrfToken, children }: ActionFormProps) {
  return (
    <form method="post" action={to} class="d-inline-block">
      <CsrfField token={csrfToken} />
      {children}
      <button type="submit" class={`btn ${tone === undefined ? '' : `btn-${tone}`}`}>
        {label}
        {about !== undefined && <span class="visually-hidden"> {about}</span>}
      </button>
    </form>
  );
}
