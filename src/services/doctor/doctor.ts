/** Checks everything that passbridge needs, without changing anything, and says how to fix problems. */

import { readFile } from 'node:fs/promises';
import type { Config, ConfigWith } from '../../config/config.ts';
import type { SourceEncoding } from '../../domain/campaigns/campaign.ts';
import type { Clock } from '../../kit/clock.ts';
import type { RedisAddress } from '../../kit/redis/address.ts';
import type { Programs } from '../../programs/file/programs.ts';
import type { Sources } from '../../programs/file/sources.ts';
import type { Host } from '../stores.ts';
import { checkBloomreach } from './bloomreach.ts';
import { type Check, type Finding, runChecks } from './check.ts';
import {
  checkAddresses,
  checkDisk,
  checkOperators,
  checkRepeatedCreates,
  checkWebhookCredentials,
} from './installation.ts';
import { checkMarkFolder } from './store-marks.ts';
import { checkPassmachine } from './passmachine.ts';
import { checkPrograms, programsFileFindings } from './programs.ts';
import { checkRedis } from './redis.ts';
import { unreadNames } from './settings.ts';

interface Installation {
  config: ConfigWith<'passmachine' | 'bloomreach'>;
  programs: Programs;
  sources: Sources;
  settings: {
    /** See config/settings-status.ts. */
    digest: string;
    /** Names in `.env` that are no settings. */
    unknown: readonly string[];
  };
  /** An export to compare the templates with. */
  file?: string | undefined;
  /** Of the export. Absent: UTF-8. */
  encoding?: SourceEncoding | undefined;
}

const CHECK_TIMEOUT_MS = 10_000;
/** A private Redis may have to be downloaded first. */
const DOWNLOAD_TIMEOUT_MS = 180_000;

/** Returns the findings in a fixed order. Never rejects. */
export function checkInstallation(
  { config, programs, sources, settings, file, encoding }: Installation,
  host: Host,
  clock: Clock,
): Promise<Finding[]> {
  const { redis, passmachine, bloomreach, customers, files, http, proxies } = config;
  const exports = [...sources.values()].some(({ kind }) => kind === 'segment');
  const all = [...programs.values()];
  const secrets = secretsOf(config);
  const checks: Check[] = [
    {
      name: 'redis',
      ...(redis.address === undefined && { timeoutMs: DOWNLOAD_TIMEOUT_MS }),
      run: () => checkRedis(config, host, settings.digest),
    },
    { name: 'passmachine-token', run: () => checkPassmachine(passmachine, { proxies, clock }) },
    { name: 'bloomreach-access', run: () => checkBloomreach(bloomreach, { proxies, clock, exports }) },
    {
      name: 'programs-file',
      run: async () => {
        const text = await readFile(files.programs, 'utf8');
        return programsFileFindings({ path: files.programs, text, programs: all, secrets });
      },
    },
    {
      name: 'settings',
      run: async () => [unreadNames(settings.unknown, await readFile(files.programs, 'utf8'))],
    },
    {
      name: 'templates',
      run: () => checkPrograms({ programs: all, file, idTypes: customers.idTypes, encoding }),
    },
    { name: 'webhook-credentials', run: async () => [checkWebhookCredentials(config)] },
    { name: 'repeated-creates', run: async () => [checkRepeatedCreates(config)] },
    { name: 'operators', run: async () => [checkOperators(config)] },
    { name: 'disk', run: async () => [await checkDisk(files.dataDir)] },
    { name: 'store-marks', run: async () => [await checkMarkFolder(config)] },
    { name: 'addresses', run: async () => [checkAddresses(http)] },
  ];
  return runChecks(checks, { timeoutMs: CHECK_TIMEOUT_MS, secrets });
}

/** Returns every secret of the configuration. User names are none: they may be words of our messages. */
export function secretsOf(config: Config): string[] {
  const { redis, passmachine, bloomreach, webhook, singleSignOn, alerts, proxies } = config;
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
    ...[proxies.http, proxies.https].map((proxy) => proxy && decodeURIComponent(proxy.password)),
    ...redisPasswords(redis.address),
    alerts.slackUrl,
    alerts.webhook?.url,
    alerts.webhook?.secret,
  ].filter((secret) => secret !== undefined);
}

function redisPasswords(address: RedisAddress | undefined): (string | undefined)[] {
  if (address === undefined || 'path' in address) return [];
  if ('url' in address) return [decodeURIComponent(new URL(address.url).password)];
  return [address.password, 'sentinels' in address ? address.sentinelPassword : undefined];
}
