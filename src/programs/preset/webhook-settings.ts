/**
 * The settings of a webhook other than its bodies: parsing them from a listing, and describing their
 * equivalents in passbridge. The descriptions must not contain the value of a secret.
 */

import { settings } from '../../config/environment.ts';
import { PASS_ID_ATTRIBUTE } from '../../domain/jobs/pass-job.ts';

type SettingKind =
  | 'method'
  | 'url'
  | 'header'
  | 'authentication'
  | 'response'
  | 'limit'
  | 'body'
  | 'label'
  | 'other';

export interface WebhookSetting {
  kind: SettingKind;
  /** As written; for a header, the header's name. */
  name: string;
  value: string;
  line: number;
}

const KINDS: Readonly<Record<Exclude<SettingKind, 'other'>, RegExp>> = {
  method: /^(?:http)?(?:method|verb)$|^requesttype$/,
  url: /^(?:webhook|request|target)?(?:url|uri|endpoint|address)$/,
  header: /^(?:custom|http|request)?headers?$/,
  authentication: /^auth|^integration$|^credentials?$|token$|^secret$|^password$|^apikey$/,
  response: /^(?:process)?response/,
  limit: /throughput|limit$|^limit|^concurrency|^maxconcurren/,
  body: /^(?:request|raw)?(?:body|payload|data|content|json)$/,
  label: /^(?:name|title|label|description|id|type|contenttype|bodytype|format)$/,
};

/** Returns the kind of a setting by its name, whatever its spelling. */
export function kindOfSetting(name: string): SettingKind {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  return kinds.find((kind) => KINDS[kind].test(plain)) ?? 'other';
}

const LABEL =
  'request type|http method|method|endpoint|url|authentication(?: method)?|credentials|headers?|key|value|response(?: processing)?|throughput policy|limit';

const BULLET = String.raw`[-–•*]\s+`;
const ITEM = new RegExp(String.raw`^\s*(?:${BULLET})?(${LABEL})\*?\s*:\s*(.*)$`, 'is');
/** Text copied from a web page may have two items on one line. */
const NEXT_ITEM = new RegExp(String.raw`\s(?=${BULLET}(?:${LABEL})\*?\s*:)`, 'i');

/**
 * Parses the settings of a webhook listed line by line, as in the guide: "- Request type: POST",
 * "- Endpoint: …". Expects a text whose bodies are blanked out.
 */
export function parseListing(text: string): WebhookSetting[] {
  const found: WebhookSetting[] = [];
  let current: WebhookSetting | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    for (const part of line.split(NEXT_ITEM)) {
      const [, name, value = ''] = ITEM.exec(part) ?? [];
      if (name !== undefined) {
        current = toSetting(name, value.trim(), index + 1, found.at(-1));
        found.push(current);
      } else if (current !== undefined && continues(current.value, part)) {
        current.value = `${current.value} ${part.trim()}`.trim();
      } else current = undefined;
    }
  }
  return found.flatMap(splitHeader);
}

function toSetting(
  name: string,
  value: string,
  line: number,
  last: WebhookSetting | undefined,
): WebhookSetting {
  const label = name.toLowerCase();
  if (label === 'key') return { kind: 'header', name: value, value: '', line };
  // "- Key: Authorization" and "- Value: Bearer …" are one header.
  if (label === 'value' && last?.kind === 'header' && last.value === '') {
    return { kind: 'header', name: last.name, value, line };
  }
  return { kind: label === 'value' ? 'label' : kindOfSetting(name), name, value, line };
}

/** Returns whether a line continues the value above it: web pages put code on its own lines. */
function continues(value: string, line: string): boolean {
  return line.trim() !== '' && (value === '' || value.endsWith(':') || /^\s*[,{]/.test(line));
}

/** Splits `Key: X-Timestamp, Value: {{time}}, Type: Public`, or `X-Timestamp: {{time}}`. */
function splitHeader(setting: WebhookSetting): WebhookSetting[] {
  if (setting.kind !== 'header') return [setting];
  if (!/^headers?$/i.test(setting.name)) return setting.value === '' ? [] : [setting];
  const [, key, value = ''] =
    /(?<![\w-])key:\s*([\w-]+)\s*(?:,\s*value\s*:|[:=])\s*(.*)/is.exec(setting.value) ??
    /(?<![\w-])([\w-]+)\s*(?:,\s*value\s*:|[:=])\s*(.*)/is.exec(setting.value) ??
    [];
  return key === undefined ? [] : [{ ...setting, name: key, value }];
}

/** Describes the equivalent of a setting in passbridge; undefined if nothing is lost without it. */
export function describeSetting({ kind, name, value }: WebhookSetting): string | undefined {
  switch (kind) {
    case 'method':
      return describeMethod(value);
    case 'url':
      return describeUrl(value);
    case 'header':
      return describeHeader(name, value);
    case 'authentication':
      return containsSecret(name, value) ? `${name}: ${NOT_IMPORTED}` : `authentication: ${OWN_TOKEN}`;
    case 'response':
      return 'response processing: passbridge reads the response automatically, and writes back the `attributes` of the program';
    case 'limit':
      return describeLimit(value);
    case 'body':
    case 'label':
      return undefined;
    case 'other':
      return `${name}: passbridge has no such setting; omitted`;
  }
}

const OWN_TOKEN =
  'set PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN, and passbridge obtains and renews the bearer token automatically';

const NOT_IMPORTED = `contains a secret, which was not imported: ${OWN_TOKEN}`;

/** A placeholder such as {token_passmachine} is not a secret. */
function containsSecret(name: string, value: string): boolean {
  if (/(?:bearer|basic)\s+[^\s{]/i.test(value)) return true;
  if (/"[^"]*(?:token|secret|password|key)"\s*:\s*"[^"{]/i.test(value)) return true;
  return /(?:token|secret|password|key)$/i.test(name) && /^[^{\s]+$/.test(value);
}

function describeMethod(value: string): string | undefined {
  const method = value.trim().toUpperCase();
  if (/^(?:POST|PATCH)$/.test(method)) return undefined;
  if (method === 'GET') return `request type GET: ${OWN_TOKEN}`;
  return `request type ${method}: passbridge creates cards with POST and changes them with PATCH`;
}

function describeLimit(value: string): string {
  const [limit] = /\d+/.exec(value) ?? [];
  const usual = settings.PASSMACHINE_MAX_IN_FLIGHT.defaultText;
  const setting =
    limit === undefined || limit === usual
      ? 'set PASSMACHINE_MAX_IN_FLIGHT'
      : `set PASSMACHINE_MAX_IN_FLIGHT=${limit}`;
  return `limit${limit === undefined ? '' : ` ${limit}`}: ${setting} (the default is ${usual})`;
}

function describeHeader(name: string, value: string): string {
  const plain = name.toLowerCase();
  if (plain === 'authorization' || /^\s*(?:bearer|basic)\s/i.test(value)) {
    return `header ${name}: ${value === '' || value.includes('{') ? OWN_TOKEN : NOT_IMPORTED}`;
  }
  return ['x-timestamp', 'content-type', 'accept'].includes(plain)
    ? `header ${name}: passbridge sends it automatically`
    : `header ${name}: passbridge does not send it; omitted`;
}

function describeUrl(value: string): string | undefined {
  const [, host = '', path = ''] =
    /^(https?:\/\/[^/\s?]+)?((?:\{\{[^{}]*\}\}|[^\s?])*)/.exec(value.trim()) ?? [];
  const notes: string[] = [];
  const url = URL.parse(host);
  if (url !== null && url.origin !== settings.PASSMACHINE_URL.defaultText) {
    notes.push(`the URL is not Passmachine's own: set PASSMACHINE_URL=${url.origin}`);
  }
  if (path.startsWith('/authenticate')) return `endpoint: ${OWN_TOKEN}`;
  const [, account, pass] = /\/accounts\/([^/]+)\/passes(?:\/(.*))?$/s.exec(path) ?? [];
  if (account === undefined) {
    if (path.length > 1) notes.push('endpoint: it is not /accounts/…/passes, so it was not imported');
  } else if (/^[\w-]+$/.test(account)) {
    notes.push(`the account id in the URL is ${account}: set PASSMACHINE_ACCOUNT_ID=${account}`);
  } else {
    notes.push('the account id in the URL is a placeholder: set PASSMACHINE_ACCOUNT_ID to yours');
  }
  if (pass !== undefined && pass.replace(/[{}\s/]|customer\.|customer\[|["'\]]/g, '') !== PASS_ID_ATTRIBUTE) {
    notes.push(
      `the URL does not name the card by customer.${PASS_ID_ATTRIBUTE}: give the column of the card's id this name in your export`,
    );
  }
  return notes.length === 0 ? undefined : notes.join('; ');
}
