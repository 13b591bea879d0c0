/**
 * All settings: the environment variables with their parser, default and description. `.env.example` and
 * docs/configuration.md are generated from this table.
 */

import {
  baseUrl,
  hashTag,
  list,
  optional,
  plainName,
  portRange,
  positive,
  proxyAddress,
  proxyUrl,
  redisUrl,
  roleOfClaim,
  secret,
  type Setting,
  setting,
  text,
  timeZone,
  token,
  urlPath,
  userName,
  webhookUrl,
  whole,
  word,
} from './setting.ts';

const processSettings = {
  REDIS_URL: secret(
    redisUrl,
    'Redis server, e.g. redis://127.0.0.1:6379; socket: unix:///run/redis/redis-server.sock; sentinels: redis+sentinel://host:port,host:port/master-name; cluster: redis+cluster://host:port,host:port; TLS: rediss…. See docs/several-machines.md. Its maxmemory-policy must be noeviction. If absent, a private redis-server is started, with its data under DATA_DIR.',
  ),
  REDIS_REPLICAS: setting(
    whole(0, 10),
    '0',
    'Redis replicas that must acknowledge the claim before a card is requested, and a webhook before it is answered. With 1, a failover duplicates no card; while fewer replicas answer, no cards are made. See docs/several-machines.md.',
  ),
  REDIS_SERVER_BIN: optional(
    text,
    'The redis-server to start if REDIS_URL is absent; by default the one found in PATH.',
  ),
  DATA_DIR: setting(
    text,
    './data',
    'Folder of the private Redis and of uploaded files. Processes with the same folder share one private Redis.',
  ),
  STORE_MARK_DIR: optional(
    text,
    'Folder of the marks by which a restored backup is noticed; by default passbridge in XDG_STATE_HOME or ~/.local/state. It must not be restored together with DATA_DIR or Redis: use another disk, or a volume of its own. See docs/deployment.md#backups.',
  ),
  QUEUE_PREFIX: setting(
    hashTag,
    'passbridge',
    'Prefix of every Redis key; always used as a hash tag, {passbridge}, as Redis Cluster requires.',
  ),
  PROGRAMS_FILE: setting(text, './programs.yaml', 'The card programs. Start from examples/programs.yaml.'),
  OPERATORS_FILE: optional(
    text,
    'Operators who may use the dashboard, also from other machines. If absent, and without single sign-on, the dashboard opens on this machine only, with the one-time access token that up prints.',
  ),
  HOST: setting(
    text,
    '127.0.0.1',
    'Address to listen on; 0.0.0.0: all addresses. If it is not local, the dashboard is off until there are operators (OPERATORS_FILE or OIDC_ISSUER).',
  ),
  PORT: setting(whole(0, 65_535), '3000', 'Port to listen on; 0: any free port.'),
  METRICS_PORT: setting(
    portRange,
    '0',
    'Port for /metrics, /healthz and /readyz in processes without web (up --role worker or feeder); 0: none. With web they are on PORT as well. Each process on a machine needs its own port: of a range such as 9400-9410, each takes the first that is free.',
  ),
  PUBLIC_URL: optional(
    baseUrl,
    'Address at which browsers and upstreams reach this server, e.g. https://cards.example.com.',
  ),
  TRUST_PROXY: optional(
    list(proxyAddress),
    'Reverse proxies in front of this server: IP addresses, subnets such as 10.0.0.0/8, or loopback, separated by commas. The client address is then read from their X-Forwarded-For header. If absent, it is the peer of the connection.',
  ),
  HTTPS_PROXY: secret(
    proxyUrl,
    'Proxy for calls to https:// addresses: both upstreams, exports, alerts and the OpenID Connect provider. E.g. http://proxy.example:3128, with user:password@ if it needs them. Like curl, https_proxy is read first.',
  ),
  HTTP_PROXY: secret(proxyUrl, 'Proxy for calls to http:// addresses. http_proxy is read first.'),
  NO_PROXY: setting(
    text,
    'localhost,127.0.0.1,::1',
    'Hosts to call without a proxy, separated by commas: domains with their subdomains, IP addresses, subnets such as 10.0.0.0/8, each optionally with :port; *: all. no_proxy is read first.',
  ),
  UPLOAD_MAX_MB: setting(
    whole(1),
    '4096',
    'Maximum size of an export uploaded in the dashboard, in megabytes. Uploads are streamed to disk under DATA_DIR.',
  ),
  UPLOADS_PER_OPERATOR_MB: setting(
    whole(1),
    '10240',
    'Room for the uploads of one operator, in megabytes. An upload is deleted a day after it was last used, or 30 days after its campaign has ended.',
  ),
  UPLOADS_TOTAL_MB: setting(whole(1), '20480', 'Room for all uploads together, in megabytes.'),
  LOG_LEVEL: setting(
    word('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'Minimum level of log lines: trace, debug, info, warn, error, fatal or silent.',
  ),
  SHUTDOWN_GRACE_MS: setting(
    whole(0),
    '15000',
    'Milliseconds that running jobs have to finish after the process is told to stop.',
  ),
};

const signIn = {
  OIDC_ISSUER: optional(
    baseUrl,
    'OpenID Connect provider for signing in to the dashboard, e.g. https://login.example.com. Register PUBLIC_URL/sign-in/sso/callback there. If absent, only operators of OPERATORS_FILE can sign in.',
  ),
  OIDC_CLIENT_ID: optional(text, 'Client id of this dashboard at the provider.'),
  OIDC_CLIENT_SECRET: secret(text, 'Client secret that belongs to OIDC_CLIENT_ID.'),
  OIDC_SCOPES: setting(text, 'openid email profile', 'Scopes to request, separated by spaces.'),
  OIDC_ROLE_CLAIM: setting(
    plainName,
    'groups',
    'Claim with the roles or groups of a user: a text or a list of texts.',
  ),
  OIDC_ROLES: optional(
    list(roleOfClaim),
    'Dashboard role for each value of that claim, e.g. ops=operator,leads=admin. Users with several get the highest; users without a listed role are denied.',
  ),
};

const passmachine = {
  PASSMACHINE_URL: setting(baseUrl, 'https://api.passmachine.cz', 'Base URL of the Passmachine API.'),
  PASSMACHINE_ACCOUNT_ID: optional(plainName, 'Your account id at Passmachine.'),
  PASSMACHINE_PUBLIC_TOKEN: secret(
    userName,
    'Public token of the account. With it and the secret token, passbridge obtains and renews bearer tokens automatically.',
  ),
  PASSMACHINE_SECRET_TOKEN: secret(text, 'Secret token of the account.'),
  PASSMACHINE_TOKEN: secret(
    token,
    'A bearer token obtained manually; it takes precedence over the public and secret token. It expires and is not renewed.',
  ),
  PASSMACHINE_TOKEN_LIFE_SECONDS: setting(
    whole(60),
    '86400',
    'Requested lifetime of bearer tokens, in seconds.',
  ),
  PASSMACHINE_MAX_IN_FLIGHT: setting(
    whole(1),
    '10',
    'Maximum concurrent calls, over all processes. The guide allows 10.',
  ),
  PASSMACHINE_MAX_PER_SECOND: optional(
    whole(1),
    'Maximum calls started per second, over all processes; absent: no limit.',
  ),
  PASSMACHINE_TIMEOUT_MS: setting(
    // A job's lock lasts 12 s: a call that outlived it would be made a second time.
    whole(1, 10_000),
    '10000',
    'Timeout of a call, in milliseconds; at most 10000.',
  ),
};

const delivery = {
  CREATE_ON_UNKNOWN: setting(
    word('hold', 'retry'),
    'hold',
    'If a card was requested and no answer came: hold it for an operator, or retry at the risk of a second card.',
  ),
  RETRY_DELAYS: setting(
    list(positive),
    '5,60,300,1800,7200,18000,36000',
    'Delays between attempts in seconds, each shortened at random by up to a fifth. There is one attempt more than there are delays.',
  ),
  RETRY_AFTER_MAX_SECONDS: setting(
    whole(1, 86_400),
    '3600',
    'Longest pause in seconds that a Retry-After of Passmachine or Bloomreach may ask for; longer ones are shortened to it.',
  ),
  CARD_TTL_DAYS: setting(
    positive,
    '7',
    'Days for which an issued card is remembered, so that no second one is made. Fractions are allowed.',
  ),
  CUSTOMER_INDEX: setting(
    word('on', 'off'),
    'on',
    'Customer search by e-mail, customer id or card id, with a timeline. Entries are kept for CARD_TTL_DAYS and an eighth more; docs/deployment.md has their size. E-mail addresses are stored as digests.',
  ),
  FAILURES_KEPT_DAYS: setting(
    positive,
    '90',
    'Days for which failures, discarded failures and unsent rows of a stopped campaign are kept after the campaign has ended, with the data of their customers. Fractions are allowed.',
  ),
  CAMPAIGNS_KEPT_DAYS: setting(
    positive,
    '90',
    'Days for which a campaign is kept after it has ended; it is then deleted with all that is stored about it, once no failures or unsent rows of it are left. A campaign takes about 3 kB and a quarter of a byte a row. Fractions are allowed.',
  ),
  CUSTOMER_ID_TYPES: setting(
    list(plainName),
    'registered',
    'Columns of an export that are customer ids in Bloomreach, comma-separated. The first one with a value identifies the customer.',
  ),
};

const campaigns = {
  TIME_ZONE: setting(
    timeZone,
    'Europe/Prague',
    'Time zone of quiet hours and schedules that do not set their own.',
  ),
  PAUSE_AT_FAILURES: setting(
    whole(0, 100),
    '50',
    'Pauses a campaign when at least 20 rows and this percentage of its ended rows, or of the rows read, were rejected, failed or are unknown; 0: never. --pause-at sets it for one campaign.',
  ),
  CONFIRM_ABOVE: setting(
    whole(0),
    '10000',
    'Number of rows above which a campaign started in a terminal asks for confirmation.',
  ),
};

const bloomreach = {
  BLOOMREACH_URL: optional(
    baseUrl,
    'API address of your Bloomreach instance: Project settings > Access management > API.',
  ),
  BLOOMREACH_PROJECT_TOKEN: secret(token, 'Token of the project.'),
  BLOOMREACH_API_KEY_ID: secret(token, 'Id of a private API key that may set customer properties.'),
  BLOOMREACH_API_SECRET: secret(token, 'Secret of that key.'),
  WRITEBACK_MAX_WAIT_MS: setting(
    whole(0),
    '1000',
    'Maximum milliseconds that a result waits for others in its batch.',
  ),
  WRITEBACK_BATCH_SIZE: setting(whole(1, 50), '50', 'Maximum results per call; Bloomreach allows 50.'),
  BLOOMREACH_IMPORT_ABOVE: optional(
    whole(1),
    'Number of rows from which on a campaign writes back by CSV imports, as Bloomreach recommends for high volumes; absent: never. See docs/large-campaigns.md.',
  ),
  BLOOMREACH_IMPORT_ID: optional(token, 'Id of the import set up in Bloomreach for it.'),
  BLOOMREACH_IMPORT_PATH: setting(
    urlPath,
    '/data/v1/projects/{project}/imports/{import}/start',
    'Path of the call that starts the import.',
  ),
};

const webhooks = {
  WEBHOOK_USERNAME: secret(
    userName,
    'User name (Basic) of incoming webhooks; for drop-in Passmachine calls, the public token you configure there.',
  ),
  WEBHOOK_PASSWORD: secret(
    text,
    'Password that belongs to it; for drop-in Passmachine calls, the secret token you configure there.',
  ),
  WEBHOOK_TOKEN: secret(
    token,
    'Bearer token that webhooks may use instead. If neither is configured, webhooks are accepted from this machine only.',
  ),
  EVENT_PASS_ID_PATHS: setting(
    list(text),
    'pass_id,passId,passmachine_pass_id,pass.id,card.id,data.id,id',
    'Properties of a Passmachine event that may hold the id of its card, in this order; pass.id is a member of pass.',
  ),
  EVENT_LINK_PATHS: setting(
    list(text),
    'link,pass_link,passmachine_pass_link,pass.link,ro.microsite.url,data.ro.microsite.url',
    'Properties of a Passmachine event that may hold the link to its card.',
  ),
  GATEWAY_WAIT_MS: setting(
    whole(0, 900),
    '0',
    'Milliseconds that a drop-in Passmachine call waits for the card, to be answered as Passmachine would; 0: it is answered as soon as it is stored. At most 900, because Bloomreach waits one second.',
  ),
};

const tracing = {
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(
    baseUrl,
    'OpenTelemetry collector for traces (OTLP over HTTP), e.g. http://127.0.0.1:4318. Absent: tracing is off. Its headers are read from OTEL_EXPORTER_OTLP_HEADERS.',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: secret(
    text,
    'Headers for the collector, NAME=VALUE,…; only from the environment, not from .env.',
  ),
  OTEL_SERVICE_NAME: setting(text, 'passbridge', 'Service name in the traces.'),
  TRACE_PERCENT: setting(whole(1, 100), '10', 'Percentage of jobs to trace.'),
};

const alerts = {
  ALERT_SLACK_URL: secret(
    webhookUrl,
    'Incoming webhook of Slack, or of a compatible chat (Mattermost, Rocket.Chat), that receives alerts and their resolution.',
  ),
  ALERT_WEBHOOK_URL: secret(webhookUrl, 'Address that receives the same alerts as signed JSON.'),
  ALERT_WEBHOOK_SECRET: secret(
    text,
    'Key of that signature: the header x-passbridge-signature is t=UNIX,v1=HEX, the HMAC-SHA256 of UNIX.BODY.',
  ),
};

/** The settings by chapter of the documentation. */
export const chapters = {
  Process: processSettings,
  'Single sign-on (OpenID Connect)': signIn,
  Passmachine: passmachine,
  'Retries and duplicates': delivery,
  Campaigns: campaigns,
  Bloomreach: bloomreach,
  Webhooks: webhooks,
  Alerts: alerts,
  Tracing: tracing,
} as const satisfies Record<string, Record<string, Setting<unknown>>>;

/** All settings by name. */
export const settings = {
  ...processSettings,
  ...signIn,
  ...passmachine,
  ...delivery,
  ...campaigns,
  ...bloomreach,
  ...webhooks,
  ...alerts,
  ...tracing,
};

export type SettingName = keyof typeof settings;

/** The parsed value of each setting. */
export type Environment = {
  [Name in SettingName]: (typeof settings)[Name] extends Setting<infer T> ? T : never;
};
