/** What must not be shown, gathered from where the configuration keeps it. */

import type { Config } from '../../config/config.ts';
import type { RedisAddress } from '../../kit/redis/redis-address.ts';

/** Every secret of a configuration. A user name is none, and may well be a word of our own messages. */
export function secretsOf(config: Config): string[] {
  const { redis, passmachine, bloomreach, webhook, singleSignOn, alerts } = config;
  const credentials = passmachine.account?.credentials;
  const ofPassmachine =
    credentials?.kind === 'pair' ? [credentials.publicToken, credentials.secretToken] : [credentials?.token];
  return [
    ...ofPassmachine,
    bloomreach?.projectToken,
    bloomreach?.apiKeyId,
    bloomreach?.apiSecret,
    webhook.basic?.password,
    webhook.token,
    singleSignOn?.clientSecret,
    ...passwordsOf(redis.address),
    alerts.slackUrl,
    alerts.webhook?.url,
    alerts.webhook?.secret,
  ].filter((secret) => secret !== undefined);
}

function passwordsOf(address: RedisAddress | undefined): (string | undefined)[] {
  if (address === undefined || 'path' in address) return [];
  if ('url' in address) return [decodeURIComponent(new URL(address.url).password)];
  return [address.password, 'sentinels' in address ? address.sentinelPassword : undefined];
}
