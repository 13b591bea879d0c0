/** The configuration as the program uses it: grouped, in its own units, and complete where a command needs it. */

import { resolve } from 'node:path';
import type { OperatorRole } from '../domain/operators/operator.ts';
import type { RedisAddress } from '../kit/redis/address.ts';
import type { Environment } from './environment.ts';

/** What a command cannot do without. */
export type Need = 'passmachine' | 'bloomreach';

/** A pair to obtain bearer tokens with, or one token obtained by hand. */
type PassmachineCredentials =
  | { kind: 'pair'; publicToken: string; secretToken: string }
  | { kind: 'token'; token: string };

export interface PassmachineAccount {
  id: string;
  credentials: PassmachineCredentials;
}

export interface BloomreachAccess {
  /** Without a slash at the end, as all base URLs here. */
  url: string;
  projectToken: string;
  apiKeyId: string;
  apiSecret: string;
}

/** How large campaigns write back. */
export interface ImportSettings {
  /** Rows from which on a campaign counts as large. */
  above: number;
  /** Path of the call that starts the import. */
  path: string;
  /** Where Bloomreach reaches this server. */
  publicUrl: string;
}

/** How people sign in by OpenID Connect. */
export interface SingleSignOnSettings {
  /** Base URL of the provider. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: string;
  /** Claim that holds one text or several. */
  roleClaim: string;
  /** Which of those texts make somebody what. */
  roles: readonly { claim: string; role: OperatorRole }[];
  /** Where browsers reach the dashboard. */
  publicUrl: string;
}

/** Who is told when something goes wrong. */
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
  /** `publicUrl`: where others reach it; absent where that is not configured, as `metricsPort`. */
  http: {
    host: string;
    port: number;
    metricsPort: number | undefined;
    publicUrl: string | undefined;
    /** Addresses and subnets of reverse proxies. */
    trustProxy: readonly string[] | undefined;
    maxUploadBytes: number;
  };
  passmachine: {
    url: string;
    /** Absent where it is not configured. */
    account: PassmachineAccount | undefined;
    tokenLifeMs: number;
    maxInFlight: number;
    maxPerSecond: number | undefined;
    timeoutMs: number;
  };
  /** Absent where it is not configured. */
  bloomreach: BloomreachAccess | undefined;
  /** What stands in the addresses of the doors that take the place of others' APIs. */
  gateway: { accountId: string | undefined; projectToken: string | undefined; waitMs: number };
  /** Absent where it is not configured. */
  singleSignOn: SingleSignOnSettings | undefined;
  webhook: { basic: { username: string; password: string } | undefined; token: string | undefined };
  writeback: { maxWaitMs: number; batchSize: number; imports: ImportSettings | undefined };
  retry: { delaysMs: readonly number[]; createOnUnknown: 'hold' | 'retry' };
  cards: { ttlMs: number; customerIndex: boolean };
  customers: { idTypes: readonly string[] };
  failures: { keptMs: number };
  campaigns: {
    timeZone: string;
    /** A share from 0 to 1; undefined: never. */
    pauseAt: number | undefined;
    /** Rows. */
    confirmAbove: number;
  };
  alerts: AlertSettings;
  /** Absent if tracing is off. `sampleRatio`: share of the jobs that are traced, 0 to 1. */
  tracing: { endpoint: string; sampleRatio: number; serviceName: string } | undefined;
  log: { level: Environment['LOG_LEVEL'] };
  files: { dataDir: string; programs: string; operators: string | undefined };
  shutdown: { graceMs: number };
  /** What is set, secrets masked, for the first line of the log. */
  summary: Readonly<Record<string, string>>;
}

/** A configuration in which what was needed is there. */
export type ConfigWith<N extends Need> = Config & {
  passmachine: 'passmachine' extends N ? { account: PassmachineAccount } : unknown;
  bloomreach: 'bloomreach' extends N ? BloomreachAccess : unknown;
};

/** Groups the settings; `cwd` is what relative paths start from. */
export function groupSettings(
  env: Environment,
  cwd: string,
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
      metricsPort: env.METRICS_PORT === 0 ? undefined : env.METRICS_PORT,
      publicUrl: env.PUBLIC_URL,
      trustProxy: env.TRUST_PROXY,
      maxUploadBytes: env.UPLOAD_MAX_MB * 1_000_000,
    },
    retry: {
      delaysMs: env.RETRY_DELAYS.map((seconds) => Math.round(seconds * 1000)),
      createOnUnknown: env.CREATE_ON_UNKNOWN,
    },
    gateway: {
      accountId: env.PASSMACHINE_ACCOUNT_ID,
      projectToken: env.BLOOMREACH_PROJECT_TOKEN,
      waitMs: env.GATEWAY_WAIT_MS,
    },
    cards: {
      ttlMs: Math.round(env.CARD_TTL_DAYS * 86_400_000),
      customerIndex: env.CUSTOMER_INDEX === 'on',
    },
    customers: { idTypes: env.CUSTOMER_ID_TYPES },
    failures: { keptMs: Math.round(env.FAILURES_KEPT_DAYS * 86_400_000) },
    campaigns: {
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
      programs: resolve(cwd, env.PROGRAMS_FILE),
      operators: env.OPERATORS_FILE === undefined ? undefined : resolve(cwd, env.OPERATORS_FILE),
    },
    shutdown: { graceMs: env.SHUTDOWN_GRACE_MS },
  };
}
