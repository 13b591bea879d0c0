/** The grammar of requests: any method, address, query, body and headers around one route. */

import * as fc from 'fast-check';
import { anyJson, type JsonSchema, valuesOf } from './schema-values.ts';

export interface FuzzRoute {
  method: string;
  /** E.g. `/campaigns/:id`. */
  path: string;
  /** Of the JSON body; absent if OpenAPI does not describe one. */
  body?: JsonSchema | undefined;
}

export interface FuzzForm {
  /** The path that it is sent to. */
  action: string;
  /** As they are filled in. */
  fields: readonly (readonly [name: string, value: string])[];
}

/** Words that mean something to the server under test. */
export interface Vocabulary {
  /** Ids of objects that exist, and parts of keys in Redis. */
  ids: readonly string[];
  /** Ids by the segment of a path that they follow, e.g. `campaigns`. */
  objects: Readonly<Record<string, readonly string[]>>;
  /** Forms of the pages. */
  forms: readonly FuzzForm[];
  /** Names and values of form fields and of query parameters. */
  names: readonly string[];
  values: readonly string[];
}

export interface FuzzRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

const strange = [
  '',
  ' ',
  '.',
  '..',
  '../..',
  '../../etc/passwd',
  '%',
  '%2e%2e',
  '%00',
  '%zz',
  '%E0%A4%A',
  '\0',
  '\r\nx: y',
  '/',
  '\\',
  '*',
  '?',
  '#',
  ':',
  ':settled',
  'a:b:c',
  '__proto__',
  'constructor',
  'toString',
  'then',
  'length',
  'undefined',
  'null',
  'true',
  '[]',
  '{}',
  '0',
  '-1',
  '1.5',
  '1e300',
  'NaN',
  'Infinity',
  '9007199254740993',
  '99999999999999999999',
  '{{ 1 / 0 }}',
  '{% for x in range(9) %}',
  '{{ customer.email }}',
  '{{ nothing.at.all }}',
  '🎫',
  '\ud800',
  '\u202e',
  '=cmd()',
  '<script>',
  '@x',
  '-',
  'x'.repeat(201),
  'x'.repeat(301),
  'x'.repeat(5000),
  '1'.repeat(400),
];

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY', 'TRACE'];

const contentTypes = [
  'application/json',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'application/offset+octet-stream',
  'multipart/form-data; boundary=x',
  'text/plain',
  'application/vnd.api+json',
  'x',
];

const headerValues: Readonly<Record<string, readonly string[]>> = {
  accept: ['*/*', 'text/html', 'text/event-stream', 'application/json', 'x', ','],
  'accept-encoding': ['gzip', 'br', 'x'],
  range: ['bytes=0-', 'bytes=-1', 'bytes=9-1', 'bytes=0-0,2-3', 'x'],
  'if-none-match': ['*', '"x"', 'x'],
  'if-modified-since': ['x', 'Mon, 30 Nov 2026 00:00:00 GMT'],
  'content-encoding': ['gzip', 'br', 'deflate', 'identity', 'x'],
  'tus-resumable': ['1.0.0', '9', 'x'],
  'upload-length': ['0', '10', '-1', '1e300', 'x', '99999999999999999999'],
  'upload-offset': ['0', '10', '-1', '1e300', 'x'],
  'upload-defer-length': ['1', '2', 'x'],
  'upload-metadata': ['name eA==', 'name', 'name eA==,name eA==', ',', 'name !!!', '__proto__ eA=='],
  'upload-concat': ['partial', 'final;/uploads/x', 'final;', 'x'],
  'x-http-method-override': ['DELETE', 'PATCH', 'GET', 'x'],
  'csrf-token': ['x', ''],
  cookie: ['passbridge=x', 'passbridge=x.y', 'passbridge=%', 'passbridge=', ';;;', '__proto__=x', '=x'],
  'idempotency-key': ['k', '', 'x'.repeat(300), '"k"'],
  prefer: ['wait=0', 'wait=1e300', 'wait=-1', 'wait=', 'respond-async', 'return=minimal; wait'],
  origin: ['null', 'http://evil.example', 'x', '://'],
  referer: ['x', 'http://', 'http://evil.example/%zz', '/attention'],
  'sec-fetch-site': ['cross-site', 'same-origin', 'x'],
  host: ['evil.example', '', '127.0.0.1', 'a b', '@'],
  'x-forwarded-proto': ['https', 'x'],
  'x-forwarded-host': ['evil.example', ',', ''],
  'hx-request': ['true', 'x'],
};

/** Returns requests to a route; a few have another method or other headers than it expects. */
export function requestsTo(route: FuzzRoute, vocabulary: Vocabulary): fc.Arbitrary<FuzzRequest> {
  const { ids, names, values } = vocabulary;
  const text = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...ids, ...values) },
    { weight: 3, arbitrary: fc.constantFrom(...strange) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...ids), fc.constantFrom(...strange))
        .map((parts) => parts.join('')),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  );
  const name = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.constantFrom(...strange) },
  );
  const pairs = fc
    .array(fc.tuple(name, text), { maxLength: 5 })
    // A repeated name becomes an array.
    .chain((list) =>
      fc.boolean().map((doubled) => (doubled && list.length === 1 ? list.concat(list) : list)),
    );
  const query = pairs.map(encodePairs);
  const form = fc.oneof({ weight: 1, arbitrary: query }, ...filledForms(route, vocabulary, pairs));
  const json = (route.body === undefined ? anyJson : valuesOf(route.body, text)).map((value) =>
    JSON.stringify(value),
  );
  const typedBody = fc.oneof(
    {
      weight: route.body === undefined ? 2 : 8,
      arbitrary: json.map((body) => ['application/json', body] as const),
    },
    {
      weight: route.body === undefined ? 6 : 1,
      arbitrary: form.map((body) => ['application/x-www-form-urlencoded', body] as const),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constantFrom(...contentTypes),
        fc.oneof(json, form, fc.constantFrom('', '{', 'null', '[[', 'a=%zz', '--x--')),
      ),
    },
    { weight: 1, arbitrary: fc.constant([undefined, null] as const) },
    ...(route.path.startsWith('/uploads')
      ? [{ weight: 12, arbitrary: fc.constant(['application/offset+octet-stream', 'a,b'] as const) }]
      : []),
  );
  const strangeHeaders = fc
    .array(fc.constantFrom(...Object.keys(headerValues)), { maxLength: 3 })
    .chain((keys) =>
      fc.record(Object.fromEntries(keys.map((key) => [key, fc.constantFrom(...(headerValues[key] ?? []))]))),
    );
  const headers = fc
    .option(strangeHeaders, { nil: {}, freq: 2 })
    .map((more) => Object.assign(usualHeaders(route), more));
  const method = fc.oneof(
    { weight: 8, arbitrary: fc.constant(route.method) },
    { weight: 1, arbitrary: fc.constantFrom(...methods) },
  );
  return fc
    .tuple(method, addresses(route.path, text, vocabulary), query, typedBody, headers)
    .map(([how, address, search, [contentType, body], more]) => ({
      method: how,
      path: search === '' ? address : `${address}?${search}`,
      headers: {
        ...(how !== 'GET' && how !== 'HEAD' && contentType !== undefined && { 'content-type': contentType }),
        ...more,
      },
      body: how === 'GET' || how === 'HEAD' ? null : body,
    }));
}

/** Fills the parameters of a path, encoded or as they are. */
function addresses(
  path: string,
  text: fc.Arbitrary<string>,
  { objects }: Pick<Vocabulary, 'objects'>,
): fc.Arbitrary<string> {
  const all = path.split(/(?<=\/)/);
  const segments = all.map((segment, index) => {
    if (!/^[:*]/.test(segment)) return fc.constant(segment);
    const end = segment.endsWith('/') ? '/' : '';
    const known = objects[(all[index - 1] ?? '').slice(0, -1)] ?? [];
    const usual =
      known.length === 0 ? [] : [{ weight: 3, arbitrary: fc.constantFrom(...known).map(encodeSegments) }];
    return fc
      .oneof(...usual, { weight: 3, arbitrary: text.map(encode) }, { weight: 1, arbitrary: text.map(raw) })
      .map((value) => value + end);
  });
  return fc.tuple(...segments).map((parts) => parts.join(''));
}

/** Forms that are sent to this route, with a few fields replaced or added. */
function filledForms(
  { path }: FuzzRoute,
  { forms }: Pick<Vocabulary, 'forms'>,
  changes: fc.Arbitrary<readonly (readonly [string, string])[]>,
) {
  const pattern = new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`);
  const own = forms.filter(({ action }) => pattern.test(action));
  if (own.length === 0) return [];
  const filled = fc
    .tuple(fc.constantFrom(...own), fc.option(changes, { nil: [], freq: 2 }))
    .map(([{ fields }, changed]) =>
      encodePairs([...fields.filter(([name]) => !changed.some(([other]) => other === name)), ...changed]),
    );
  return [{ weight: 3, arbitrary: filled }];
}

/** What the protocol of the route asks for. */
function usualHeaders({ method, path }: FuzzRoute): Record<string, string> {
  if (!path.startsWith('/uploads')) return {};
  const size = method === 'POST' ? { 'upload-length': '3' } : { 'upload-offset': '0' };
  return { 'tus-resumable': '1.0.0', ...size };
}

function encodeSegments(path: string): string {
  return path.split('/').map(encode).join('/');
}

function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

/** Leaves out what no HTTP client could send in a path. */
function raw(text: string): string {
  return text.replaceAll(/[^!-~]|[?#]/g, '').slice(0, 300);
}

function encodePairs(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
}
