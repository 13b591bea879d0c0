/** Credentials that only make sense together: all of a set, or none of it. */

import type {
  AlertSettings,
  BloomreachAccess,
  Config,
  ImportSettings,
  PassmachineAccount,
  SingleSignOnSettings,
} from './config.ts';
import type { Environment } from './environment.ts';

export type Access<T> = { value: T | undefined; problems: string[] };

/** The account at Passmachine, if it is configured; `needed` makes its absence a problem. */
export function passmachineAccount(env: Environment, needed: boolean): Access<PassmachineAccount> {
  const { PASSMACHINE_ACCOUNT_ID: id, PASSMACHINE_TOKEN: token } = env;
  const { PASSMACHINE_PUBLIC_TOKEN: publicToken, PASSMACHINE_SECRET_TOKEN: secretToken } = env;
  const problems: string[] = [];
  if ((publicToken === undefined) !== (secretToken === undefined)) {
    problems.push(
      'PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN go together: one of them is missing',
    );
  } else if (needed && token === undefined && publicToken === undefined) {
    problems.push('PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN are missing (or PASSMACHINE_TOKEN)');
  }
  if (needed && id === undefined) problems.push('PASSMACHINE_ACCOUNT_ID is missing');

  if (id === undefined || problems.length > 0) return { value: undefined, problems };
  if (token !== undefined) return { value: { id, credentials: { kind: 'token', token } }, problems };
  if (publicToken === undefined || secretToken === undefined) return { value: undefined, problems };
  return { value: { id, credentials: { kind: 'pair', publicToken, secretToken } }, problems };
}

/** The project at Bloomreach, if it is configured; half of it is a problem even where it is not needed. */
export function bloomreachAccess(env: Environment, needed: boolean): Access<BloomreachAccess> {
  const parts = {
    url: env.BLOOMREACH_URL,
    projectToken: env.BLOOMREACH_PROJECT_TOKEN,
    apiKeyId: env.BLOOMREACH_API_KEY_ID,
    apiSecret: env.BLOOMREACH_API_SECRET,
  };
  const names = [
    'BLOOMREACH_URL',
    'BLOOMREACH_PROJECT_TOKEN',
    'BLOOMREACH_API_KEY_ID',
    'BLOOMREACH_API_SECRET',
  ];
  const { url, projectToken, apiKeyId, apiSecret } = parts;
  if (url !== undefined && projectToken !== undefined && apiKeyId !== undefined && apiSecret !== undefined) {
    return { value: { url, projectToken, apiKeyId, apiSecret }, problems: [] };
  }
  const missing = names.filter((_name, place) => Object.values(parts)[place] === undefined);
  const complain = needed || missing.length < names.length;
  return { value: undefined, problems: complain ? missing.map((name) => `${name} is missing`) : [] };
}

/** What webhooks have to come with. */
export function webhookAccess(env: Environment): { value: Config['webhook']; problems: string[] } {
  const { WEBHOOK_USERNAME: username, WEBHOOK_PASSWORD: password, WEBHOOK_TOKEN: token } = env;
  const basic = username === undefined || password === undefined ? undefined : { username, password };
  const half = basic === undefined && (username !== undefined || password !== undefined);
  const problems = half ? ['WEBHOOK_USERNAME and WEBHOOK_PASSWORD go together: one of them is missing'] : [];
  return { value: { basic, token }, problems };
}

/** The import that large campaigns write back with, if one is configured. */
export function importSettings(env: Environment): Access<ImportSettings> {
  const { BLOOMREACH_IMPORT_ABOVE: above, BLOOMREACH_IMPORT_ID: id, PUBLIC_URL: publicUrl } = env;
  if (above === undefined) return { value: undefined, problems: [] };
  const needed = { BLOOMREACH_IMPORT_ID: id, PUBLIC_URL: publicUrl };
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (id === undefined || publicUrl === undefined) {
    return {
      value: undefined,
      problems: missing.map((name) => `${name} is missing, which BLOOMREACH_IMPORT_ABOVE needs`),
    };
  }
  const path = env.BLOOMREACH_IMPORT_PATH.replaceAll('{import}', encodeURIComponent(id)).replaceAll(
    '{project}',
    encodeURIComponent(env.BLOOMREACH_PROJECT_TOKEN ?? ''),
  );
  return { value: { above, path, publicUrl }, problems: [] };
}

/** The provider that people may sign in with, if one is configured. */
export function singleSignOn(env: Environment): Access<SingleSignOnSettings> {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env;
  if (issuer === undefined) return { value: undefined, problems: [] };
  const { OIDC_ROLES: roles, PUBLIC_URL: publicUrl, OIDC_SCOPES: scopes, OIDC_ROLE_CLAIM: roleClaim } = env;
  const needed = {
    OIDC_CLIENT_ID: clientId,
    OIDC_CLIENT_SECRET: clientSecret,
    OIDC_ROLES: roles,
    PUBLIC_URL: publicUrl,
  };
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (
    clientId === undefined ||
    clientSecret === undefined ||
    roles === undefined ||
    publicUrl === undefined
  ) {
    return {
      value: undefined,
      problems: missing.map((name) => `${name} is missing, which OIDC_ISSUER needs`),
    };
  }
  return { value: { issuer, clientId, clientSecret, scopes, roleClaim, roles, publicUrl }, problems: [] };
}

/** Who is told when something goes wrong. */
export function alertSettings(env: Environment): { value: AlertSettings; problems: string[] } {
  const { ALERT_SLACK_URL: slackUrl, ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret } = env;
  const webhook = url === undefined || secret === undefined ? undefined : { url, secret };
  const half = webhook === undefined && (url !== undefined || secret !== undefined);
  const problems = half
    ? ['ALERT_WEBHOOK_URL and ALERT_WEBHOOK_SECRET go together: one of them is missing']
    : [];
  return { value: { slackUrl, webhook }, problems };
}
