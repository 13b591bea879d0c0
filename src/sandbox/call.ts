/** The words that all parts of the sandbox share: which call it is, what came in, what goes out. */

import type { IncomingHttpHeaders } from 'node:http';

export type Side = 'passmachine' | 'bloomreach';

/** The calls that the sandbox understands; each is also a target for faults. */
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

/** One request, read to its end. */
export interface Call {
  headers: IncomingHttpHeaders;
  text: string;
  /** Size of the body on the wire. */
  bytes: number;
  /** The body as JSON; undefined where it is none. */
  json: unknown;
}

/** What an upstream makes of a call. */
export interface Answer {
  status: number;
  text: string;
  /** In place of the text, made while it is sent: for an answer of any length. */
  pieces?: Iterable<string>;
  contentType?: 'application/json' | 'text/plain' | 'text/csv';
  /** Whether anything was created, changed or stored. */
  applied: boolean;
  passId?: string;
  /** Commands in a batch, and how many of them were refused. */
  commands?: number;
  refused?: number;
}

/** An answer with a JSON body. */
export function answer(status: number, body: unknown, more: Partial<Answer> = {}): Answer {
  return { status, text: JSON.stringify(body), applied: false, ...more };
}

/** The `user:password` of a Basic header; undefined where there is no well-formed one. */
export function basicCredentials({ authorization }: IncomingHttpHeaders): string | undefined {
  const encoded = /^basic ([\w+/]+=*)$/i.exec(authorization ?? '')?.[1];
  const decoded = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
  return decoded?.includes(':') === true ? decoded : undefined;
}

/** The body as JSON, or undefined. */
export function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
