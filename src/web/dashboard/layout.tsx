/** What every page of the dashboard has around it: the menu, who is signed in, and word of a lost connection. */

import type { ComponentChildren } from 'preact';
import { mayAct, type Operator } from '../../domain/operators/operator.ts';
import { renderDocument } from './document.tsx';
import { CsrfField } from './parts/csrf-field.tsx';

/** Who looks at a page, and what it takes to show it to them. */
export interface Reader {
  operator: Operator;
  /** Whether they can sign out. */
  isSignedIn?: boolean;
  /** IANA name of the time zone in which times are shown. */
  zone: string;
  /** Absent where many readers share what is rendered. */
  csrfToken?: string;
}

interface LayoutProps {
  title: string;
  /** Address of the page, e.g. `/campaigns/abc`. */
  path: string;
  reader: Reader;
  children: ComponentChildren;
}

const menu = [
  ['/', 'Now'],
  ['/campaigns', 'Campaigns'],
  ['/failures', 'Failures'],
  ['/unknown', 'Unknown outcomes'],
  ['/customers', 'People'],
  ['/schedules', 'Schedules'],
  ['/audit', 'Audit'],
] as const;

/** For admins, at the end. */
const forAdmins = ['/queues', 'Queues'] as const;

/** A whole page as HTML. */
export function renderPage({ title, path, reader, children }: LayoutProps): string {
  return renderDocument({
    title,
    csrfToken: reader.csrfToken,
    children: (
      <div class="page">
        <a class="skip-link" href="#content">
          Skip to the content
        </a>
        <header class="navbar navbar-expand-md border-bottom">
          <div class="container-xl flex-wrap">
            <a class="navbar-brand" href="/">
              passbridge
            </a>
            <nav aria-label="Main">
              <ul class="nav flex-wrap">
                {entriesFor(reader.operator).map((entry) => menuItem(entry, path))}
              </ul>
            </nav>
            <SignedIn reader={reader} />
          </div>
        </header>
        <p id="connection" class="alert alert-warning m-0 rounded-0" role="status" hidden />
        <main id="content" class="container-xl py-3" tabIndex={-1}>
          {children}
        </main>
      </div>
    ),
  });
}

function entriesFor({ role }: Operator) {
  return mayAct(role, 'admin') ? [...menu, forAdmins] : menu;
}

function menuItem([to, label]: readonly [to: string, label: string], path: string) {
  const at = path === '/bulk-actions' || path.startsWith('/bulk-actions/') ? '/failures' : path;
  const isHere = to === '/' ? at === '/' : at === to || at.startsWith(`${to}/`);
  return (
    <li class="nav-item" key={to}>
      <a class={`nav-link ${isHere ? 'fw-bold' : ''}`} href={to} aria-current={isHere ? 'page' : undefined}>
        {label}
      </a>
    </li>
  );
}

function SignedIn({ reader: { operator, isSignedIn, csrfToken } }: { reader: Reader }) {
  const who = (
    <span>
      {operator.name} <span class="text-secondary">({operator.role})</span>
    </span>
  );
  if (isSignedIn !== true) return <div class="ms-auto">{who}</div>;
  return (
    <form method="post" action="/sign-out" class="ms-auto d-flex align-items-center gap-2">
      <CsrfField token={csrfToken} />
      {who}
      <button type="submit" class="btn btn-sm">
        Sign out
      </button>
    </form>
  );
}
