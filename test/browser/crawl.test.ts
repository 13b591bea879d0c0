/** The language of the dashboard: no page, and no part of its HTML, uses a retired word. */

import { expect, it } from 'vitest';
import { holdCampaign, startBusyPassbridge } from './passbridge.ts';

/** Words that the glossary has replaced. */
const retired =
  /\b(receipts?|desks?|doors?|hits?|rings?|rung|ringing|pulses?|parcels?|fates?|wish(es)?|turnstiles?|firings?|whoever|whom|somebody|nobody|anew|mend(s|ed|ing)?|people|besides|send(ing)? again|sent again)\b/gi;

/** Served by other projects: the queue view and the viewer of the OpenAPI document. */
const foreign = /^\/(api\/docs|assets)(\/|$)/;

/** Pages that no link leads to while everything works. */
const unlinked = [
  '/no/such/page',
  '/sign-in',
  '/activity/bulk-actions',
  '/customers?q=c-3',
  '/customers?q=none',
  '/api/docs/json',
];

/** Returns the paths of all pages on the same site that the HTML links to. */
function linksOf(html: string, page: string): string[] {
  return [...html.matchAll(/<a\b[^>]*\shref="([^"]+)"/g)].flatMap(([, href = '']) => {
    const { origin, pathname, search } = new URL(href.replaceAll('&amp;', '&'), page);
    return origin === new URL(page).origin && !foreign.test(pathname) && !pathname.endsWith('.csv')
      ? [pathname + search]
      : [];
  });
}

/** Removes tokens, which are random and could contain any short word. */
function withoutTokens(html: string): string {
  return html.replaceAll(/(content|value|hx-headers:inherited)="[^"]*"/g, '');
}

it('no page that can be reached contains a retired word', async () => {
  const passbridge = await startBusyPassbridge();
  await holdCampaign(passbridge);
  const queue = ['/', ...unlinked];
  const visited = new Set(queue);
  const found: Record<string, string[]> = {};
  for (const path of queue) {
    const response = await fetch(passbridge.url + path, { headers: passbridge.dashboard.bearer });
    const html = await response.text();
    const words = [...withoutTokens(html).matchAll(retired)].map(([word]) => word.toLowerCase());
    if (words.length > 0) found[path] = [...new Set(words)];
    for (const link of linksOf(html, response.url)) {
      if (visited.has(link)) continue;
      visited.add(link);
      queue.push(link);
    }
  }
  expect(visited.size).toBeGreaterThan(30);
  expect(found).toEqual({});
});
