/** The HTML around every page: the document, the header with the menu, and the page that reports a refused request. */

import type { ComponentChildren } from 'preact';
import { render } from 'preact-render-to-string';
import { hasRole, type Operator } from '../../domain/operators/operator.ts';
import { routes } from '../paths.ts';
import { CsrfField } from './parts/forms.tsx';

/** Who views a page, and what is needed to render it for them. */
export interface Viewer {
  operator: Operator;
  /** Whether they have a session that they can sign out of. */
  isSignedIn?: boolean;
  /** IANA name of the time zone of all times. */
  zone: string;
  /** Absent in content that many viewers share. */
  csrfToken?: string;
}

interface DocumentProps {
  title: string;
  /** Sent with every change; absent on pages that cannot change anything. */
  csrfToken?: string | undefined;
  children: ComponentChildren;
}

/** After a lost connection htmx retries every 3 s (in ms) without an end. */
const htmxConfig = { extensions: 'sse', sse: { reconnectMaxDelay: 3000 } };

/** Returns a whole document without the menu. Escapes everything in it. */
export function renderDocument({ title, csrfToken, children }: DocumentProps): string {
  // htmx 4 passes only attributes marked `:inherited` on to descendants.
  const headers = csrfToken !== undefined && {
    'hx-headers:inherited': JSON.stringify({ 'csrf-token': csrfToken }),
  };
  const page = render(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${title} · passbridge`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/tabler.min.css" />
        <link rel="stylesheet" href="/assets/passbridge.css" />
        <script src="/assets/theme.js" />
        {csrfToken !== undefined && <meta name="csrf-token" content={csrfToken} />}
        <meta name="htmx-config" content={JSON.stringify(htmxConfig)} />
        <script src="/assets/htmx.min.js" defer />
        <script src="/assets/hx-sse.min.js" defer />
        <script src="/assets/main.js" type="module" />
      </head>
      <body {...headers}>{children}</body>
    </html>,
  );
  return `<!doctype html>${page}`;
}

interface PageProps {
  title: string;
  /** Path of the page, e.g. `/campaigns/abc`; marks its menu item. */
  path: string;
  viewer: Viewer;
  children: ComponentChildren;
}

/** Returns a whole page with the header. */
export function renderPage({ title, path, viewer, children }: PageProps): string {
  return renderDocument({
    title,
    csrfToken: viewer.csrfToken,
    children: (
      <div class="page">
        <a class="skip-link" href="#content">
          Skip to content
        </a>
        <header class="navbar navbar-expand-md border-bottom">
          <div class="container-xl flex-wrap">
            <a class="navbar-brand" href={routes.overview}>
              passbridge
            </a>
            <nav aria-label="Main">
              <ul class="nav flex-wrap">
                {menuFor(viewer.operator).map((item) => (
                  <MenuItem key={item[0]} item={item} path={path} />
                ))}
              </ul>
            </nav>
            <Account viewer={viewer} />
          </div>
        </header>
        <p id="connection" class="alert alert-warning m-0 rounded-0" role="status" hidden />
        <main id="content" class="container-xl py-3" tabIndex={-1} data-zone={viewer.zone}>
          {children}
        </main>
      </div>
    ),
  });
}

type Item = readonly [to: string, label: string];

const menu: readonly Item[] = [
  [routes.overview, 'Overview'],
  [routes.campaigns, 'Campaigns'],
  [routes.failures, 'Failures'],
  [routes.unknownOutcomes, 'Unknown outcomes'],
  [routes.customers, 'Customers'],
  [routes.schedules, 'Schedules'],
  [routes.audit, 'Audit'],
];

const adminMenu: readonly Item[] = [[routes.queues, 'Queues']];

function menuFor({ role }: Operator): readonly Item[] {
  return hasRole(role, 'admin') ? [...menu, ...adminMenu] : menu;
}

function MenuItem({ item: [to, label], path }: { item: Item; path: string }) {
  // Bulk actions are below Failures.
  const at = isBelow(path, routes.bulkActions) ? routes.failures : path;
  const isCurrent = to === routes.overview ? at === to : isBelow(at, to);
  return (
    <li class="nav-item">
      <a
        class={`nav-link ${isCurrent ? 'fw-bold' : ''}`}
        href={to}
        aria-current={isCurrent ? 'page' : undefined}
      >
        {label}
      </a>
    </li>
  );
}

function isBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`);
}

function Account({ viewer: { operator, isSignedIn, csrfToken } }: { viewer: Viewer }) {
  const name = (
    <span>
      {operator.name} <span class="text-secondary">({operator.role})</span>
    </span>
  );
  if (isSignedIn !== true) return <div class="ms-auto">{name}</div>;
  return (
    <form method="post" action={routes.signOut} class="ms-auto d-flex align-items-center gap-2">
      <CsrfField token={csrfToken} />
      {name}
      <button type="submit" class="btn btn-sm">
        Sign out
      </button>
    </form>
  );
}

interface RefusalProps {
  /** What was refused. */
  title: string;
  message: string;
  /** Path of the page that made the request. */
  back?: string;
}

/** Returns a page that says why a request was refused; without the menu if the viewer is not signed in. */
export function renderRefusal(refusal: RefusalProps, viewer?: Viewer): string {
  const { title } = refusal;
  if (viewer !== undefined)
    return renderPage({ title, path: '', viewer, children: <Refusal {...refusal} /> });
  return renderDocument({
    title,
    children: (
      <main class="container-xl py-3">
        <Refusal {...refusal} />
      </main>
    ),
  });
}

function Refusal({ title, message, back = routes.overview }: RefusalProps) {
  return (
    <>
      <h1>{title}</h1>
      <p class="alert alert-warning" role="alert" data-lines>
        {message}
      </p>
      <p>
        <a href={back}>{back === routes.overview ? 'Go to Overview' : 'Go back'}</a>
      </p>
    </>
  );
}
