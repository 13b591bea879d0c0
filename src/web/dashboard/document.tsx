/** The HTML document around every page: head, theme and scripts; no menu, so that signing in uses it too. */

import type { ComponentChildren } from 'preact';
import { render } from 'preact-render-to-string';

interface DocumentProps {
  title: string;
  /** Sent with every request that changes something; absent where nothing can be changed. */
  csrfToken?: string | undefined;
  children: ComponentChildren;
}

/** Whoever lost the connection tries again every few seconds, however long it takes (ms). */
const htmxConfig = { extensions: 'sse', sse: { reconnectMaxDelay: 3000 } };

/** A whole page as HTML. Whatever is put into it is escaped. */
export function renderDocument({ title, csrfToken, children }: DocumentProps): string {
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
      <body hx-headers={csrfToken === undefined ? undefined : JSON.stringify({ 'csrf-token': csrfToken })}>
        {children}
      </body>
    </html>,
  );
  return `<!doctype html>${page}`;
}
