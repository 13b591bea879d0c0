/** Groups of settings that must be set together: all of a group, or none of it. */

import type {
  AlertSettings,
  BloomreachAccess,
  Config,
  ImportSettings,
  PassmachineAccount,
  SingleSignOnSettings,
} from './config.ts';
import type { Environment, SettingName } from './environment.ts';
import { exposingSettings } from './exposure.ts';

/** `value` is undefined if the group is not configured, or incomplete. */
export type Group<T> = { value: T | undefined; problems: string[] };

/** `needed`: report the group as missing if it is not configured. */
export function passmachineAccount(env: Environment, needed: boolean): Group<PassmachineAccount> {
  const { PASSMACHINE_ACCOUNT_ID: id, PASSMACHINE_TOKEN: token } = env;
  const pair = bothOrNone(env, 'PASSMACHINE_PUBLIC_TOKEN', 'PASSMACHINE_SECRET_TOKEN');
  const problems = [...pair.problems];
  if (needed && problems.length === 0 && token === undefined && pair.value === undefined) {
    problems.push('PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN are missing (or PASSMACHINE_TOKEN)');
  }
  if (needed && id === undefined) problems.push('PASSMACHINE_ACCOUNT_ID is missing');

  if (id === undefined || problems.length > 0) return { value: undefined, problems };
  if (token !== undefined) return { value: { id, credentials: { kind: 'token', token } }, problems };
  if (pair.value === undefined) return { value: undefined, problems };
  const [publicToken, secretToken] = pair.value;
  return { value: { id, credentials: { kind: 'pair', publicToken, secretToken } }, problems };
}

/** An incomplete group is a problem even if the command does not need it. */
export function bloomreachAccess(env: Environment, needed: boolean): Group<BloomreachAccess> {
  const names = [
    'BLOOMREACH_URL',
    'BLOOMREACH_PROJECT_TOKEN',
    'BLOOMREACH_API_KEY_ID',
    'BLOOMREACH_API_SECRET',
  ] as const;
  const {
    BLOOMREACH_URL: url,
    BLOOMREACH_PROJECT_TOKEN: projectToken,
    BLOOMREACH_API_KEY_ID: apiKeyId,
    BLOOMREACH_API_SECRET: apiSecret,
  } = env;
  if (url !== undefined && projectToken !== undefined && apiKeyId !== undefined && apiSecret !== undefined) {
    return { value: { url, projectToken, apiKeyId, apiSecret }, problems: [] };
  }
  const missing = missingOf(env, names);
  const isProblem = needed || missing.length < names.length;
  return { value: undefined, problems: isProblem ? missing.map((name) => `${name} is missing`) : [] };
}

/** The credentials that incoming webhooks must present. */
export function webhookAccess(env: Environment): { value: Config['webhook']; problems: string[] } {
  const { value, problems } = bothOrNone(env, 'WEBHOOK_USERNAME', 'WEBHOOK_PASSWORD');
  const basic = value === undefined ? undefined : { username: value[0], password: value[1] };
  const isProxied = exposingSettings(env).some((name) => name !== 'HOST');
  return { value: { basic, token: env.WEBHOOK_TOKEN, isProxied }, problems };
}

/** The CSV imports that large campaigns write back with. */
export function importSettings(env: Environment): Group<ImportSettings> {
  const { BLOOMREACH_IMPORT_ABOVE: above, BLOOMREACH_IMPORT_ID: id, PUBLIC_URL: publicUrl } = env;
  if (above === undefined) return { value: undefined, problems: [] };
  if (id === undefined || publicUrl === undefined) {
    return incomplete(env, ['BLOOMREACH_IMPORT_ID', 'PUBLIC_URL'], 'BLOOMREACH_IMPORT_ABOVE');
  }
  const path = env.BLOOMREACH_IMPORT_PATH.replaceAll('{import}', encodeURIComponent(id)).replaceAll(
    '{project}',
    encodeURIComponent(env.BLOOMREACH_PROJECT_TOKEN ?? ''),
  );
  return { value: { above, path, publicUrl }, problems: [] };
}

/** The OpenID Connect provider that operators may sign in with. */
export function singleSignOn(env: Environment): Group<SingleSignOnSettings> {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env;
  const { OIDC_ROLES: roles, PUBLIC_URL: publicUrl, OIDC_SCOPES: scopes, OIDC_ROLE_CLAIM: roleClaim } = env;
  if (issuer === undefined) return { value: undefined, problems: [] };
  if (
    clientId === undefined ||
    clientSecret === undefined ||
    roles === undefined ||
    publicUrl === undefined
  ) {
    const names = ['OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_ROLES', 'PUBLIC_URL'] as const;
    return incomplete(env, names, 'OIDC_ISSUER');
  }
  return { value: { issuer, clientId, clientSecret, scopes, roleClaim, roles, publicUrl }, problems: [] };
}

/** The channels that alerts are sent to. */
export function alertSettings(env: Environment): { value: AlertSettings; problems: string[] } {
  const { value, problems } = bothOrNone(env, 'ALERT_WEBHOOK_URL', 'ALERT_WEBHOOK_SECRET');
  const webhook = value === undefined ? undefined : { url: value[0], secret: value[1] };
  return { value: { slackUrl: env.ALERT_SLACK_URL, webhook }, problems };
}

/** Settings whose value is a text that may be absent. */
type OptionalText = {
  [Name in SettingName]: Environment[Name] extends string | undefined ? Name : never;
}[SettingName];

function bothOrNone(env: Environment, first: OptionalText, second: OptionalText): Group<[string, string]> {
  const [one, other] = [env[first], env[second]];
  if (one !== undefined && other !== undefined) return { value: [one, other], problems: [] };
  const isHalf = one !== undefined || other !== undefined;
  return {
    value: undefined,
    problems: isHalf ? [`${first} and ${second} must both be set: one of them is missing`] : [],
  };
}

function incomplete<T>(env: Environment, names: readonly SettingName[], neededBy: SettingName): Group<T> {
  return {
    value: undefined,
    problems: missingOf(env, names).map((name) => `${name} is missing; ${neededBy} needs it`),
  };
}

function missingOf(env: Environment, names: readonly SettingName[]): SettingName[] {
  return names.filter((name) => env[name] === undefined);
}
