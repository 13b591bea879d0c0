/** The configuration as the program uses it: grouped by topic, with times in milliseconds and absolute paths. */

import { resolve } from 'node:path';
import type { OperatorRole } from '../domain/operators/operator.ts';
import type { ProxySettings } from '../kit/http/proxy.ts';
import type { RedisAddress } from '../kit/redis/address.ts';
import type { Environment } from './environment.ts';
import { exposingSettings } from './exposure.ts';
import type { PortRange } from './setting.ts';

/** An upstream whose credentials a command cannot run without. */
export type Need = 'passmachine' | 'bloomreach';

/** A pair that obtains bearer tokens, or a bearer token obtained manually. */
type PassmachineCredentials =
  | { kind: 'pair'; publicToken: string; secretToken: string }
  | { kind: 'token'; token: string };

export interface PassmachineAccount {
  id: string;
  credentials: PassmachineCredentials;
}

export interface BloomreachAccess {
  /** Without a trailing slash, like all base URLs here. */
  url: string;
  projectToken: string;
  apiKeyId: string;
  apiSecret: string;
}

/** CSV imports, by which large campaigns write back. */
export interface ImportSettings {
  /** Number of rows from which on a campaign is large. */
  above: number;
  /** Path of the call that starts the import. */
  path: string;
  /** Base URL at which Bloomreach reaches this server. */
  publicUrl: string;
}

/** Sign-in by OpenID Connect. */
export interface SingleSignOnSettings {
  /** Base URL of the provider. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: string;
  /** Claim with the roles or groups of a user: one text or several. */
  roleClaim: string;
  /** The dashboard role for each of those texts. */
  roles: readonly { claim: string; role: OperatorRole }[];
  /** Base URL at which browsers reach the dashboard. */
  publicUrl: string;
}

/** Channels that alerts are sent to. */
export interface AlertSettings {
  slackUrl: string | undefined;
  webhook: { url: string; secret: string } | undefined;
}

/** Times are in milliseconds, paths absolute. */
export interface Config {
  redis: {
    address: RedisAddress | undefined;
    serverBin: string | undefined;
    prefix: string;
    replicas: number;
  };
  /** `publicUrl` and `metricsPorts` are undefined if they are not configured. */
  http: {
    host: string;
    port: number;
    metricsPorts: PortRange | undefined;
    publicUrl: string | undefined;
    /** Addresses and subnets of reverse proxies. */
    trustProxy: readonly string[] | undefined;
    /** Names of the settings by which other machines may reach this server; none if only this machine can. */
    exposedBy: readonly string[];
  };
  /** Limits of uploaded exports: of one, of all of one operator, and of all together. */
  uploads: {
    maxBytes: number;
    operatorBytes: number;
    totalBytes: number;
  };
  /** Proxies of outgoing calls. */
  proxies: ProxySettings;
  passmachine: {
    url: string;
    /** Undefined if it is not configured. */
    account: PassmachineAccount | undefined;
    tokenLifeMs: number;
    maxInFlight: number;
    maxPerSecond: number | undefined;
    timeoutMs: number;
  };
  /** Undefined if it is not configured. */
  bloomreach: BloomreachAccess | undefined;
  /** Parts of the paths of the drop-in endpoints. `waitMs`: how long a drop-in call waits for its card. */
  gateway: {
    accountId: string | undefined;
    projectToken: string | undefined;
    waitMs: number;
    /** Where events have the card's id and link. */
    eventPaths: { passId: string[]; link: string[] };
  };
  /** Undefined if it is not configured. */
  singleSignOn: SingleSignOnSettings | undefined;
  webhook: {
    basic: { username: string; password: string } | undefined;
    token: string | undefined;
    /** A proxy forwards requests of others to this server. */
    isProxied: boolean;
  };
  writeback: { maxWaitMs: number; batchSize: number; imports: ImportSettings | undefined };
  retry: { delaysMs: readonly number[]; maxRetryAfterMs: number; createOnUnknown: 'hold' | 'retry' };
  cards: { ttlMs: number; customerIndex: boolean };
  customers: { idTypes: readonly string[] };
  failures: { keptMs: number };
  campaigns: {
    /** Milliseconds that a campaign is kept after it has ended. */
    keptMs: number;
    timeZone: string;
    /** Share from 0 to 1; undefined: never pause. */
    pauseAt: number | undefined;
    /** Number of rows. */
    confirmAbove: number;
  };
  alerts: AlertSettings;
  /** Absent if tracing is off. `sampleRatio`: share of the jobs that are traced, 0 to 1. */
  tracing: { endpoint: string; sampleRatio: number; serviceName: string } | undefined;
  log: { level: Environment['LOG_LEVEL'] };
  files: {
    dataDir: string;
    /** Folder of the marks by which a restored store is noticed. */
    storeMarkDir: string;
    programs: string;
    operators: string | undefined;
  };
  shutdown: { graceMs: number };
  /** All settings as text for the log, with secrets masked. */
  summary: Readonly<Record<string, string>>;
}

/** A configuration with the credentials of the needed upstreams. */
export type ConfigWith<N extends Need> = Config & {
  passmachine: 'passmachine' extends N ? { account: PassmachineAccount } : unknown;
  bloomreach: 'bloomreach' extends N ? BloomreachAccess : unknown;
};

/** Groups settings that are independent of each other. `cwd`: base of relative paths. `defaultMarkDir`: of STORE_MARK_DIR. */
export function groupSettings(
  env: Environment,
  cwd: string,
  defaultMarkDir: string,
): Omit<
  Config,
  'summary' | 'bloomreach' | 'passmachine' | 'singleSignOn' | 'webhook' | 'writeback' | 'alerts'
> {
  return {
    redis: {
      address: env.REDIS_URL,
      serverBin: env.REDIS_SERVER_BIN,
      prefix: env.QUEUE_PREFIX,
      replicas: env.REDIS_REPLICAS,
    },
    http: {
      host: env.HOST,
      port: env.PORT,
      metricsPorts: env.METRICS_PORT.last === 0 ? undefined : env.METRICS_PORT,
      publicUrl: env.PUBLIC_URL,
      trustProxy: env.TRUST_PROXY,
      exposedBy: exposingSettings(env),
    },
    uploads: {
      maxBytes: env.UPLOAD_MAX_MB * 1_000_000,
      operatorBytes: env.UPLOADS_PER_OPERATOR_MB * 1_000_000,
      totalBytes: env.UPLOADS_TOTAL_MB * 1_000_000,
    },
    proxies: { http: env.HTTP_PROXY, https: env.HTTPS_PROXY, exceptions: env.NO_PROXY },
    retry: {
      delaysMs: env.RETRY_DELAYS.map((seconds) => Math.round(seconds * 1000)),
      maxRetryAfterMs: env.RETRY_AFTER_MAX_SECONDS * 1000,
      createOnUnknown: env.CREATE_ON_UNKNOWN,
    },
    gateway: {
      accountId: env.PASSMACHINE_ACCOUNT_ID,
      projectToken: env.BLOOMREACH_PROJECT_TOKEN,
      waitMs: env.GATEWAY_WAIT_MS,
      eventPaths: { passId: env.EVENT_PASS_ID_PATHS, link: env.EVENT_LINK_PATHS },
    },
    cards: {
      ttlMs: Math.round(env.CARD_TTL_DAYS * 86_400_000),
      customerIndex: env.CUSTOMER_INDEX === 'on',
    },
    customers: { idTypes: env.CUSTOMER_ID_TYPES },
    failures: { keptMs: Math.round(env.FAILURES_KEPT_DAYS * 86_400_000) },
    campaigns: {
      keptMs: Math.round(env.CAMPAIGNS_KEPT_DAYS * 86_400_000),
      timeZone: env.TIME_ZONE,
      pauseAt: env.PAUSE_AT_FAILURES === 0 ? undefined : env.PAUSE_AT_FAILURES / 100,
      confirmAbove: env.CONFIRM_ABOVE,
    },
    tracing:
      env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : {
            endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
            sampleRatio: env.TRACE_PERCENT / 100,
            serviceName: env.OTEL_SERVICE_NAME,
          },
    log: { level: env.LOG_LEVEL },
    files: {
      dataDir: resolve(cwd, env.DATA_DIR),
      storeMarkDir: resolve(cwd, env.STORE_MARK_DIR ?? defaultMarkDir),
      programs: resolve(cwd, env.PROGRAMS_FILE),
      operators: env.OPERATORS_FILE === undefined ? undefined : resolve(cwd, env.OPERATORS_FILE),
    },
    shutdown: { graceMs: env.SHUTDOWN_GRACE_MS },
  };
}
