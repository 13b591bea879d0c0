/** Where somebody goes after signing in: back to where they were, and never anywhere else. */

import type { IncomingHttpHeaders } from 'node:http';

const HERE = 'http://here.invalid';

/** The same path where it leads to a page of ours, otherwise the start. */
export function localPath(to: string | undefined): string {
  if (to?.startsWith('/') !== true || !URL.canParse(to, HERE)) return '/';
  // As a browser would read it: `//elsewhere` and `/\elsewhere` lead away.
  const { origin, pathname, search } = new URL(to, HERE);
  // So would `/.//elsewhere`, of which the browser is sent only what is left without the dot.
  return origin === HERE && !pathname.startsWith('//') ? `${pathname}${search}` : '/';
}

/** The path of the page that a request was made from, as far as it tells. */
export function pageBefore({ referer, 'hx-current-url': current = referer }: IncomingHttpHeaders): string {
  const url = String(current);
  if (!URL.canParse(url)) return '/';
  const { pathname, search } = new URL(url);
  return localPath(`${pathname}${search}`);
}
