/** Where a request comes from, as far as browsers tell, and where a user may be sent back to. Scripts send none of these headers. */

import type { IncomingHttpHeaders } from 'node:http';
import { routes } from '../paths.ts';

/** Returns whether no page of another origin made the request. Browsers send `Origin` with every change. */
export function hasOwnOrigin({ host, origin }: IncomingHttpHeaders): boolean {
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}

/**
 * Returns whether another site may have made the browser send the request. Browsers attach remembered
 * Basic credentials to requests of any page.
 */
export function isCrossSite(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  return !hasOwnOrigin(headers) || site === 'cross-site' || site === 'same-site';
}

/** Returns whether the request has no header that only browsers send. */
export function isScript({ origin, referer, accept, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  const isPlain = origin === undefined && referer === undefined && site === undefined;
  return isPlain && accept?.includes('text/html') !== true;
}

/** A placeholder for our own origin when URLs are parsed. */
const OWN_ORIGIN = 'http://own.invalid';

/** Returns the path if it leads to a page of ours, otherwise `/`. Prevents open redirects after sign-in. */
export function localPath(to: string | undefined): string {
  if (to?.startsWith('/') !== true || !URL.canParse(to, OWN_ORIGIN)) return routes.overview;
  // Parsed as a browser does: `//evil.example` and `/\evil.example` are other origins.
  const { origin, pathname, search } = new URL(to, OWN_ORIGIN);
  // `/.//evil.example` is normalized to `//evil.example`, which a browser follows to the other origin.
  return origin === OWN_ORIGIN && !pathname.startsWith('//') ? `${pathname}${search}` : routes.overview;
}

/** Returns the path of the page that made the request; `/` if the headers do not say. */
export function previousPath({ referer, 'hx-current-url': current = referer }: IncomingHttpHeaders): string {
  const url = String(current);
  if (!URL.canParse(url)) return routes.overview;
  const { pathname, search } = new URL(url);
  return localPath(`${pathname}${search}`);
}

/** Returns whether an error comes from the CSRF token check: a form of an earlier session, or of another site. */
export function isCsrfError({ code }: { code?: string }): boolean {
  return code?.startsWith('FST_CSRF_') === true;
}

export const csrfProblem =
  'This form has expired. Nothing was changed. Go back, reload the page and try again.';
