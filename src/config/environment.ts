/**
 * Every environment variable, once: its default, unit, meaning, and whether it is a secret. The
 * documentation and `.env.example` are made from this table.
 */

import {
  baseUrl,
  hashTag,
  list,
  plainName,
  positive,
  redisUrl,
  roleOfClaim,
  text,
  timeZone,
  urlPath,
  webhookUrl,
  whole,
  word,
} from './parsers.ts';
import { optional, secret, setting, type Setting } from './setting.ts';

const running = {
  REDIS_URL: secret(
    redisUrl,
    'Redis to work with, e.g. redis://127.0.0.1:6379; with sentinels redis+sentinel://host:port,host:port/master-name, a Cluster redis+cluster://host:port,host:port; rediss… for TLS. See docs/several-machines.md. Its maxmemory-policy must be noeviction. Without it a private redis-server is started, which keeps its data under DATA_DIR.',
  ),
  REDIS_REPLICAS: setting(
    whole(0, 10),
    '0',
    'Replicas of Redis that must have taken down that a card is asked for, before it is, and a webhook, before it is acknowledged. With 1 a failover doubles no card; while that many do not answer, no cards are made. See docs/several-machines.md.',
  ),
  REDIS_SERVER_BIN: optional(
    text,
    'The redis-server to start where REDIS_URL is absent; by default the one found in PATH.',
  ),
  DATA_DIR: setting(
    text,
    './data',
    'Folder of the private Redis and of uploaded files. Processes with the same folder share one private Redis.',
  ),
  QUEUE_PREFIX: setting(
    hashTag,
    'passbridge',
    'Start of every key in Redis; always made a hash tag, {passbridge}, so that Redis Cluster works.',
  ),
  PROGRAMS_FILE: setting(text, './programs.yaml', 'The card programs; start from examples/programs.yaml.'),
  OPERATORS_FILE: optional(text, 'People who may use the dashboard from elsewhere than this machine.'),
  HOST: setting(text, '127.0.0.1', 'Address to listen on; 0.0.0.0 for all.'),
  PORT: setting(whole(0, 65_535), '3000', 'Port to listen on; 0 takes a free one.'),
  METRICS_PORT: setting(
    whole(0, 65_535),
    '0',
    'Port that serves /metrics, /healthz and /readyz alone, for processes that serve nothing else (up --role worker or feeder); 0: none. With web they are on PORT as well. Each process on a machine needs one of its own.',
  ),
  PUBLIC_URL: optional(
    baseUrl,
    'Address under which others reach this server, e.g. https://cards.example.com.',
  ),
  UPLOAD_MAX_MB: setting(
    whole(1),
    '4096',
    'Largest export that may be uploaded in the dashboard, in megabytes. It is written to disk under DATA_DIR as it comes.',
  ),
  LOG_LEVEL: setting(
    word('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'Least important log lines to write: trace, debug, info, warn, error, fatal or silent.',
  ),
  SHUTDOWN_GRACE_MS: setting(
    whole(0),
    '15000',
    'Milliseconds that jobs in hand get to finish once the process is told to stop.',
  ),
};

const signingIn = {
  OIDC_ISSUER: optional(
    baseUrl,
    'OpenID Connect provider that people may sign in to the dashboard with, e.g. https://login.example.com. It has to know PUBLIC_URL/sign-in/sso/callback. Absent: operators of OPERATORS_FILE only.',
  ),
  OIDC_CLIENT_ID: optional(text, 'What the provider knows this dashboard as.'),
  OIDC_CLIENT_SECRET: secret(text, 'The secret that goes with OIDC_CLIENT_ID.'),
  OIDC_SCOPES: setting(text, 'openid email profile', 'What is asked of the provider, separated by spaces.'),
  OIDC_ROLE_CLAIM: setting(
    plainName,
    'groups',
    'Claim that says what somebody is: a text or a list of texts.',
  ),
  OIDC_ROLES: optional(
    list(roleOfClaim),
    'Which of those may sign in, and as what, e.g. ops=operator,leads=admin. Whoever has several gets the highest.',
  ),
};

const passmachine = {
  PASSMACHINE_URL: setting(baseUrl, 'https://api.passmachine.cz', "Passmachine's API."),
  PASSMACHINE_ACCOUNT_ID: optional(plainName, 'Your account id at Passmachine.'),
  PASSMACHINE_PUBLIC_TOKEN: secret(
    text,
    'Public token of the account. With the secret token, passbridge obtains and renews bearer tokens by itself.',
  ),
  PASSMACHINE_SECRET_TOKEN: secret(text, 'Secret token of the account.'),
  PASSMACHINE_TOKEN: secret(
    text,
    'A bearer token obtained by hand, used as it is and before the public and secret token. It runs out, and nobody renews it.',
  ),
  PASSMACHINE_TOKEN_LIFE_SECONDS: setting(
    whole(60),
    '86400',
    'How long a token is asked to be valid, in seconds.',
  ),
  PASSMACHINE_MAX_IN_FLIGHT: setting(
    whole(1),
    '10',
    'Calls under way at once, over all processes. The guide sets 10.',
  ),
  PASSMACHINE_MAX_PER_SECOND: optional(
    whole(1),
    'Calls started per second, over all processes; absent: no limit.',
  ),
  PASSMACHINE_TIMEOUT_MS: setting(
    // A job's lock lasts 12 s: a call that outlives it would be made a second time.
    whole(1, 10_000),
    '10000',
    'Milliseconds until a call without an answer is given up; 10000 at most.',
  ),
};

const delivery = {
  CREATE_ON_UNKNOWN: setting(
    word('hold', 'retry'),
    'hold',
    'When a card was asked for and no answer came: hold it for an operator, or retry at the risk of a second card.',
  ),
  RETRY_DELAYS: setting(
    list(positive),
    '5,60,300,1800,7200,18000,36000',
    'Pauses between tries in seconds, each shortened at random by up to a fifth. One try more than there are pauses.',
  ),
  CARD_TTL_DAYS: setting(
    positive,
    '7',
    'Days for which an issued card is remembered and no second one is made. Fractions are allowed.',
  ),
  CUSTOMER_INDEX: setting(
    word('on', 'off'),
    'on',
    'Whether customers can be found by e-mail, customer id or card id, with what became of them, for CARD_TTL_DAYS and an eighth more. Costs some 330 bytes of Redis a customer; of the e-mail a digest is kept.',
  ),
  FAILURES_KEPT_DAYS: setting(
    positive,
    '90',
    'Days for which what failed is kept, with the data of its customers, once its campaign has ended; discarded failures and what a stopped campaign left undone as well. Fractions are allowed.',
  ),
  CUSTOMER_ID_TYPES: setting(
    list(plainName),
    'registered',
    'Columns of an export that are customer ids in Bloomreach, comma-separated. The first one in a row names the customer.',
  ),
};

const campaigns = {
  TIME_ZONE: setting(timeZone, 'Europe/Prague', 'Time zone of quiet hours and schedules that name none.'),
  PAUSE_AT_FAILURES: setting(
    whole(0, 100),
    '50',
    'Percent of what has ended that may be rejected, failed or unknown before a campaign pauses by itself, once 20 rows are; 0: never. --pause-at sets it for one campaign.',
  ),
  CONFIRM_ABOVE: setting(
    whole(0),
    '10000',
    'Rows from which on a campaign that is started in a terminal asks before it begins.',
  ),
};

const bloomreach = {
  BLOOMREACH_URL: optional(
    baseUrl,
    'API address of your Bloomreach instance: Project settings > Access management > API.',
  ),
  BLOOMREACH_PROJECT_TOKEN: secret(text, 'Token of the project.'),
  BLOOMREACH_API_KEY_ID: secret(text, 'Id of a private API key that may set customer properties.'),
  BLOOMREACH_API_SECRET: secret(text, 'Secret of that key.'),
  WRITEBACK_MAX_WAIT_MS: setting(
    whole(0),
    '1000',
    'Milliseconds that a result waits for others to be saved with.',
  ),
  WRITEBACK_BATCH_SIZE: setting(
    whole(1, 50),
    '50',
    'Results saved with one call; Bloomreach takes 50 at most.',
  ),
  BLOOMREACH_IMPORT_ABOVE: optional(
    whole(1),
    'Rows from which on a campaign saves its results by CSV imports, as Bloomreach asks for high volumes; absent: never. See docs/large-campaigns.md.',
  ),
  BLOOMREACH_IMPORT_ID: optional(text, 'Id of the import that was set up in Bloomreach for it.'),
  BLOOMREACH_IMPORT_PATH: setting(
    urlPath,
    '/data/v1/projects/{project}/imports/{import}/start',
    'Path of the call that starts it.',
  ),
};

const webhooks = {
  WEBHOOK_USERNAME: secret(
    text,
    'User name (Basic) that webhooks come with; for Passmachine, the public token you hand to it.',
  ),
  WEBHOOK_PASSWORD: secret(
    text,
    'Password that goes with it; for Passmachine, the secret token you hand to it.',
  ),
  WEBHOOK_TOKEN: secret(
    text,
    'Bearer token that webhooks may come with instead. With neither configured, webhooks are taken from this machine only.',
  ),
  GATEWAY_WAIT_MS: setting(
    whole(0, 900),
    '0',
    "Milliseconds that a request in place of Passmachine's waits for the card, to be answered with Passmachine's own answer; 0: it is answered as soon as it is stored. 900 at most: Bloomreach waits a second.",
  ),
};

const tracing = {
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(
    baseUrl,
    'Collector that takes traces as OTLP over HTTP, e.g. http://127.0.0.1:4318. Absent: nothing is traced. Its headers are read from OTEL_EXPORTER_OTLP_HEADERS.',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: secret(
    text,
    'Headers for the collector, NAME=VALUE,…; in the environment, not in .env.',
  ),
  OTEL_SERVICE_NAME: setting(text, 'passbridge', 'What the traces call this program.'),
  TRACE_PERCENT: setting(whole(1, 100), '10', 'Percentage of the jobs that is traced.'),
};

const alerting = {
  ALERT_SLACK_URL: secret(
    webhookUrl,
    'Incoming webhook of Slack, or of what speaks like it (Mattermost, Rocket.Chat), that is told when something goes wrong and when it is well again.',
  ),
  ALERT_WEBHOOK_URL: secret(webhookUrl, 'Address that is told the same as JSON, signed.'),
  ALERT_WEBHOOK_SECRET: secret(
    text,
    'What its messages are signed with: the header x-passbridge-signature is t=UNIX,v1=HEX, the HMAC-SHA256 of UNIX.BODY.',
  ),
};

/** The settings, in the chapters of the documentation. */
export const chapters = {
  'The process': running,
  'Signing in by OpenID Connect': signingIn,
  Passmachine: passmachine,
  'Tries and doubles': delivery,
  Campaigns: campaigns,
  Bloomreach: bloomreach,
  Webhooks: webhooks,
  Alerts: alerting,
  Records: tracing,
} as const satisfies Record<string, Record<string, Setting<unknown>>>;

/** All settings by name. */
export const settings = {
  ...running,
  ...signingIn,
  ...passmachine,
  ...delivery,
  ...campaigns,
  ...bloomreach,
  ...webhooks,
  ...alerting,
  ...tracing,
};

export type SettingName = keyof typeof settings;

/** The value of each setting. */
export type Environment = {
  [Name in SettingName]: (typeof settings)[Name] extends Setting<infer T> ? T : never;
};
