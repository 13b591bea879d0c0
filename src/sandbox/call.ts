/** The calls that the sandbox understands: a request, its route and its answer. */

import type { IncomingHttpHeaders } from 'node:http';

export type Side = 'passmachine' | 'bloomreach';

/** Each kind is also a target for faults. */
export const callKinds = [
  'authenticate',
  'create',
  'patch',
  'batch',
  'customers',
  'events',
  'import',
  'export',
] as const;

export type CallKind = (typeof callKinds)[number];

/** A request whose body was read completely. */
export interface Call {
  headers: IncomingHttpHeaders;
  text: string;
  /** Size of the body on the wire. */
  bytes: number;
  /** The body as JSON; undefined if it is not JSON. */
  json: unknown;
}

/** The answer of an upstream. */
export interface Answer {
  status: number;
  text: string;
  /** Replaces the text; generated while it is sent, so that an answer of any size fits into memory. */
  pieces?: Iterable<string>;
  contentType?: 'application/json' | 'text/plain' | 'text/csv' | 'text/html';
  /** Whether anything was created, changed or stored. */
  applied: boolean;
  passId?: string;
  /** Number of commands in a batch, and how many of them were refused. */
  commands?: number;
  refused?: number;
}

/** Returns an answer with a JSON body. */
export function answer(status: number, body: unknown, more: Partial<Answer> = {}): Answer {
  return { status, text: JSON.stringify(body), applied: false, ...more };
}

/** Returns the `user:password` of a Basic header; undefined if there is no well-formed one. */
export function basicCredentials({ authorization }: IncomingHttpHeaders): string | undefined {
  const encoded = /^basic ([\w+/]+=*)$/i.exec(authorization ?? '')?.[1];
  const decoded = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
  return decoded?.includes(':') === true ? decoded : undefined;
}

/** Parses a body as JSON; undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export type Route =
  | { side: 'passmachine'; kind: 'authenticate'; validTo: string }
  | { side: 'passmachine'; kind: 'create'; account: string }
  | { side: 'passmachine'; kind: 'patch'; account: string; passId: string }
  | { side: 'bloomreach'; kind: 'batch' | 'customers' | 'events' | 'import' | 'export'; project: string }
  | { side: Side; kind: 'unknown' };

export type PassmachineRoute = Extract<Route, { side: 'passmachine'; kind: CallKind }>;
export type BloomreachRoute = Extract<Route, { side: 'bloomreach'; kind: CallKind }>;

/** Returns the route of a method and a path with its query. The paths are those of the vendors' guides. */
export function routeOf(method: string, url: string): Route {
  const [path = '', query = ''] = url.split('?', 2);
  // Skips the empty part before the leading slash.
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

/** `call` is the name of the API and the part of the path after the project. */
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
