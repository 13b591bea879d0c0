/** What a webhook says beside its bodies, and what stands for that in passbridge. No value of a secret gets out. */

import { PASS_ID_ATTRIBUTE } from '../../domain/jobs/pass-job.ts';
import { settings } from '../../config/environment.ts';

export type SettingKind =
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
  /** As it was written; of a header, its own. */
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

/** By the setting's name, however it is spelt. */
export function kindOfSetting(name: string): SettingKind {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  return kinds.find((kind) => KINDS[kind].test(plain)) ?? 'other';
}

/** What to tell somebody who had the setting, or undefined where nothing is lost. */
export function describeSetting({ kind, name, value }: WebhookSetting): string | undefined {
  switch (kind) {
    case 'method':
      return describeMethod(value);
    case 'url':
      return describeUrl(value);
    case 'header':
      return describeHeader(name, value);
    case 'authentication':
      return holdsSecret(name, value) ? `${name}: ${carriedOver}` : `authentication: ${ownToken}`;
    case 'response':
      return 'response processing: passbridge reads the answer by itself, and saves what `attributes` says';
    case 'limit':
      return describeLimit(value);
    case 'body':
    case 'label':
      return undefined;
    case 'other':
      return `${name}: passbridge has nothing of the kind; left out`;
  }
}

const ownToken =
  'set PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN, and passbridge obtains and renews the bearer token by itself';

const carriedOver = `a secret stands here and was not carried over: ${ownToken}`;

/** A placeholder such as {token_passmachine} is none. */
function holdsSecret(name: string, value: string): boolean {
  if (/(?:bearer|basic)\s+[^\s{]/i.test(value)) return true;
  if (/"[^"]*(?:token|secret|password|key)"\s*:\s*"[^"{]/i.test(value)) return true;
  return /(?:token|secret|password|key)$/i.test(name) && /^[^{\s]+$/.test(value);
}

function describeMethod(value: string): string | undefined {
  const method = value.trim().toUpperCase();
  if (/^(?:POST|PATCH)$/.test(method)) return undefined;
  if (method === 'GET') return `request type GET: ${ownToken}`;
  return `request type ${method}: passbridge makes cards with POST and changes them with PATCH`;
}

function describeLimit(value: string): string {
  const [limit] = /\d+/.exec(value) ?? [];
  const usual = settings.PASSMACHINE_MAX_IN_FLIGHT.fallback;
  const setting =
    limit === undefined || limit === usual
      ? 'set PASSMACHINE_MAX_IN_FLIGHT'
      : `set PASSMACHINE_MAX_IN_FLIGHT=${limit}`;
  return `limit${limit === undefined ? '' : ` ${limit}`}: ${setting} (the default is ${usual})`;
}

function describeHeader(name: string, value: string): string {
  const plain = name.toLowerCase();
  if (plain === 'authorization' || /^\s*(?:bearer|basic)\s/i.test(value)) {
    return `header ${name}: ${value === '' || value.includes('{') ? ownToken : carriedOver}`;
  }
  return ['x-timestamp', 'content-type', 'accept'].includes(plain)
    ? `header ${name}: passbridge sends it by itself`
    : `header ${name}: passbridge does not send it; left out`;
}

function describeUrl(value: string): string | undefined {
  const [, host = '', path = ''] =
    /^(https?:\/\/[^/\s?]+)?((?:\{\{.*?\}\}|[^\s?])*)/s.exec(value.trim()) ?? [];
  const remarks: string[] = [];
  const url = URL.parse(host);
  if (url !== null && url.origin !== settings.PASSMACHINE_URL.fallback) {
    remarks.push(`the address is another than Passmachine's own: PASSMACHINE_URL=${url.origin}`);
  }
  if (path.startsWith('/authenticate')) return `endpoint: ${ownToken}`;
  const [, account, pass] = /\/accounts\/([^/]+)\/passes(?:\/(.*))?$/s.exec(path) ?? [];
  if (account === undefined) {
    if (path.length > 1)
      remarks.push('endpoint: it is none of the cards of an account, so nothing of it was carried over');
  } else if (/^[\w-]+$/.test(account)) {
    remarks.push(`the account id in the address is ${account}: PASSMACHINE_ACCOUNT_ID=${account}`);
  } else {
    remarks.push('the account id in the address is a placeholder: set PASSMACHINE_ACCOUNT_ID to yours');
  }
  if (pass !== undefined && pass.replace(/[{}\s/]|customer\.|customer\[|["'\]]/g, '') !== PASS_ID_ATTRIBUTE) {
    remarks.push(
      `the card is not named by customer.${PASS_ID_ATTRIBUTE}: name the column of your export so, passbridge reads the card's id there`,
    );
  }
  return remarks.length === 0 ? undefined : remarks.join('; ');
}
