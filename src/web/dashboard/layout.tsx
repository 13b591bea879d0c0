/** The HTML around every page: the document, the frame with menu and search, and the page that reports a refused request. */

import type { ComponentChildren } from 'preact';
import { render } from 'preact-render-to-string';
import type { Health } from '../../domain/monitoring/health.ts';
import type { Operator } from '../../domain/operators/operator.ts';
import { assetPath } from '../assets.ts';
import { routes } from '../paths.ts';
import { HealthStatus } from './parts/health.tsx';
import { Icon } from './parts/icons.tsx';
import { Brand, Sidebar } from './navigation.tsx';

/** Who views a page, and what is needed to render it for them. */
export interface Viewer {
  operator: Operator;
  /** Whether they have a session that they can sign out of. */
  isSignedIn?: boolean;
  /** IANA name of the time zone of all times. */
  zone: string;
  /** Absent in content that many viewers share. */
  csrfToken?: string;
  /** Shown in the frame; absent in content that many viewers share. */
  health?: Health;
  /** Number of items that need a decision, for the menu. */
  attention?: number | undefined;
}

interface DocumentProps {
  title: string;
  /** Sent with every change; absent on pages that cannot change anything. */
  csrfToken?: string | undefined;
  /** Seconds after which a browser without JavaScript loads the page again. */
  reloadAfter?: number | undefined;
  children: ComponentChildren;
}

/** Its own styles would break the CSP. */
const htmxConfig = { includeIndicatorCSS: false };

/** A card on a bridge; SVG as a data URL needs no request. */
const favicon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#4338ca"/><rect x="8" y="5" width="8" height="5.5" rx="1.25" fill="#fff"/><path d="M5 13.5h14M6.5 13.5v5m11-5v5m-11 0c.8-3 3-4.4 5.5-4.4s4.7 1.4 5.5 4.4" fill="none" stroke="#fff" stroke-width="1.6" stroke-linecap="round"/></svg>',
)}`;

/** Returns a whole document without the frame. Escapes everything in it. */
export function renderDocument({ title, csrfToken, reloadAfter, children }: DocumentProps): string {
  // htmx 4 passes only attributes marked `:inherited` on to descendants.
  const headers = csrfToken !== undefined && {
    'hx-headers:inherited': JSON.stringify({ 'csrf-token': csrfToken }),
  };
  const page = render(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {reloadAfter !== undefined && (
          <noscript>
            <meta http-equiv="refresh" content={String(reloadAfter)} />
          </noscript>
        )}
        <title>{`${title} · passbridge`}</title>
        <link rel="icon" href={favicon} />
        <link
          rel="preload"
          href={assetPath('inter-latin.woff2')}
          as="font"
          type="font/woff2"
          crossOrigin="anonymous"
        />
        <link rel="stylesheet" href={assetPath('passbridge.css')} />
        {csrfToken !== undefined && <meta name="csrf-token" content={csrfToken} />}
        <meta name="htmx-config" content={JSON.stringify(htmxConfig)} />
        <script src={assetPath('htmx.min.js')} defer />
        <script src={assetPath('main.js')} type="module" />
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
  reloadAfter?: number | undefined;
  children: ComponentChildren;
}

/** Returns a whole page with the frame. */
export function renderPage({ title, path, viewer, reloadAfter, children }: PageProps): string {
  return renderDocument({
    title,
    csrfToken: viewer.csrfToken,
    reloadAfter,
    children: (
      <div class="app">
        <a class="skip-link" href="#content">
          Skip to content
        </a>
        <Sidebar viewer={viewer} path={path} />
        <div class="workspace">
          <header class="topbar">
            <Brand />
            <CustomerSearch />
            {viewer.health !== undefined && <HealthStatus health={viewer.health} />}
          </header>
          <p id="connection" class="connection" role="status" hidden />
          <main id="content" class="content" tabIndex={-1} data-zone={viewer.zone}>
            {children}
          </main>
        </div>
      </div>
    ),
  });
}

/** Finds customers from every page; `/` moves the focus to it. */
function CustomerSearch() {
  return (
    <form class="search" role="search" aria-label="Customers" action={routes.customers}>
      <Icon name="search" size={16} />
      <input
        id="search"
        name="q"
        type="search"
        placeholder="Find a customer"
        aria-label="Find a customer by e-mail, customer id, card id or job id"
        aria-keyshortcuts="/"
        autoComplete="off"
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  );
}

export interface RefusalProps {
  /** What was refused. */
  title: string;
  message: string;
  /** Path of the page that made the request. */
  back?: string;
  /** Label of the link to `back`. */
  backLabel?: string;
}

/** Returns a page that says why a request was refused; without the frame if the viewer is not signed in. */
export function renderRefusal(refusal: RefusalProps, viewer?: Viewer): string {
  const { title } = refusal;
  if (viewer !== undefined)
    return renderPage({ title, path: '', viewer, children: <Refusal {...refusal} /> });
  return renderDocument({
    title,
    children: (
      <main class="center-page">
        <Brand />
        <Refusal {...refusal} />
      </main>
    ),
  });
}

function Refusal({
  title,
  message,
  back = routes.overview,
  backLabel = back === routes.overview ? 'Go to Overview' : 'Go back',
}: RefusalProps) {
  return (
    <div class="stack narrow">
      <h1>{title}</h1>
      <p class="alert alert-warning" role="alert" data-lines>
        {message}
      </p>
      <p>
        <a class="btn" href={back}>
          {backLabel}
        </a>
      </p>
    </div>
  );
}
