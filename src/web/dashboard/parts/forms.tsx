/** Forms that change something. They work with the keyboard and without JavaScript. */

import type { ComponentChildren } from 'preact';
import { MAX_REASON_LENGTH } from '../form-fields.ts';
import type { DashboardScope, PageParams } from '../page.tsx';

/** The CSRF token. Absent in content that many viewers share: there the browser adds it on submit. */
export function CsrfField({ token }: { token: string | undefined }) {
  return token === undefined ? null : <input type="hidden" name="_csrf" value={token} />;
}

/** The reason that goes into the audit log. */
export function ReasonField({ required = false }: { required?: boolean }) {
  return (
    <div class="mb-3">
      <label class="form-label" for="reason">
        Reason ({required ? 'required' : 'optional'}, shown in the audit log)
      </label>
      <input
        class="form-control"
        id="reason"
        name="reason"
        maxLength={MAX_REASON_LENGTH}
        required={required}
        autoComplete="off"
      />
    </div>
  );
}

interface ActionFormProps {
  /** Path that the form is sent to. */
  to: string;
  label: string;
  /** Tabler's color of the button. */
  tone?: 'primary' | 'danger' | 'warning' | undefined;
  /** Completes the label for screen readers, e.g. with a campaign's id. */
  about?: string;
  csrfToken?: string | undefined;
}

/** A single button. */
export function ActionForm({ to, label, tone, about, csrfToken }: ActionFormProps) {
  return (
    <form method="post" action={to} class="d-inline-block">
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
    <form method="post" action={to} class="card card-body">
      <CsrfField token={csrfToken} />
      {children}
      <ReasonField required={needsReason} />
      <div class="d-flex flex-wrap gap-2">
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

export interface ConfirmationPage<Data> {
  /** Route of the page, and of the POST that the caller adds, e.g. `/campaigns/:id/stop`. */
  route: string;
  /** Loads the object of the action; undefined if it does not exist. */
  load(params: PageParams): Promise<Data | undefined>;
  /** Path of the route for this object. */
  to(data: Data): string;
  /** Without a question mark. */
  title(data: Data): string;
  label: string;
  tone: 'primary' | 'danger';
  back(data: Data): string;
  /** What the action will do. */
  consequence(data: Data): string;
}

/** Adds a page, for operators, that asks before an action. */
export function addConfirmationPage<Data>(
  addPage: DashboardScope['addPage'],
  { route, load, to, title, label, tone, back, consequence }: ConfirmationPage<Data>,
): void {
  addPage<Data>({
    route,
    role: 'operator',
    load,
    title,
    fixed: (data, { csrfToken }) => (
      <>
        <h1>{title(data)}?</h1>
        <Confirm to={to(data)} label={label} tone={tone} back={back(data)} csrfToken={csrfToken}>
          <p>{consequence(data)}</p>
        </Confirm>
      </>
    ),
  });
}
