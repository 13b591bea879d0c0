/** Where a request was begun, as far as browsers tell. Scripts tell nothing of it, and act for nobody but themselves. */

import type { IncomingHttpHeaders } from 'node:http';

/** Whether no page of another origin began it. Browsers name the origin of whatever changes something. */
export function hasOwnOrigin({ host, origin }: IncomingHttpHeaders): boolean {
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}

/**
 * Whether a browser may have been lured into it: it sends a name and password that it remembers
 * along with whatever any page makes it send.
 */
export function mayBeLured(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  return !hasOwnOrigin(headers) || site === 'cross-site' || site === 'same-site';
}

/** Whether no browser sent it, by all signs of one. */
export function isScript({ origin, referer, accept, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  const isPlain = origin === undefined && referer === undefined && site === undefined;
  return isPlain && accept?.includes('text/html') !== true;
}
