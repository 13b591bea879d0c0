/** Which call a method and a path mean. Paths are those of the vendors' guides. */

import type { CallKind, Side } from './call.ts';

export type Route =
  | { side: 'passmachine'; kind: 'authenticate'; validTo: string }
  | { side: 'passmachine'; kind: 'create'; account: string }
  | { side: 'passmachine'; kind: 'patch'; account: string; passId: string }
  | { side: 'bloomreach'; kind: 'batch' | 'customers' | 'events' | 'import' | 'export'; project: string }
  | { side: Side; kind: 'unknown' };

export type PassmachineRoute = Extract<Route, { side: 'passmachine'; kind: CallKind }>;
export type BloomreachRoute = Extract<Route, { side: 'bloomreach'; kind: CallKind }>;

/** Finds the call; `url` is a request's path with its query. */
export function routeOf(method: string, url: string): Route {
  const [path = '', query = ''] = url.split('?', 2);
  // The empty piece before the leading slash is skipped.
  const [, first, second = '', third, fourth, ...rest] = path.split('/');

  if (first === 'accounts' && third === 'passes' && rest.length === 0) {
    if (method === 'POST' && fourth === undefined) {
      return { side: 'passmachine', kind: 'create', account: second };
    }
    if (method === 'PATCH' && fourth !== undefined) {
      return { side: 'passmachine', kind: 'patch', account: second, passId: fourth };
    }
  }
  if (method === 'GET' && path === '/authenticate') {
    const validTo = new URLSearchParams(query).get('validTo') ?? '';
    return { side: 'passmachine', kind: 'authenticate', validTo };
  }
  if (second === 'v2' && third === 'projects' && fourth !== undefined && method === 'POST') {
    const kind = bloomreachKind(`${first}/${rest.join('/')}`);
    if (kind !== undefined) return { side: 'bloomreach', kind, project: fourth };
  }
  if (method === 'POST' && /^\/data\/v\d\/projects\/[^/]+\/imports\/[^/]+\/start$/.test(path)) {
    return { side: 'bloomreach', kind: 'import', project: fourth ?? '' };
  }
  return { side: first === 'track' || first === 'data' ? 'bloomreach' : 'passmachine', kind: 'unknown' };
}

/** By the API and what follows the project. */
function bloomreachKind(call: string): BloomreachRoute['kind'] | undefined {
  switch (call) {
    case 'track/batch':
      return 'batch';
    case 'track/customers':
      return 'customers';
    case 'track/customers/events':
      return 'events';
    case 'data/customers/export':
      return 'export';
    default:
      return undefined;
  }
}
