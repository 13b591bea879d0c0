import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import type { Need } from '../../src/config/config.ts';
import { settings } from '../../src/config/environment.ts';
import { loadConfig, unknownInFile } from '../../src/config/load.ts';
import type { Setting } from '../../src/config/setting.ts';

const cwd = mkdtempSync(join(tmpdir(), 'passbridge-'));

const complete = {
  PASSMACHINE_ACCOUNT_ID: 'acc-1',
  PASSMACHINE_PUBLIC_TOKEN: 'pub-s3cret',
  PASSMACHINE_SECRET_TOKEN: 'sec-s3cret',
  BLOOMREACH_URL: 'https://api.exponea.com/',
  BLOOMREACH_PROJECT_TOKEN: 'project-s3cret',
  BLOOMREACH_API_KEY_ID: 'key-s3cret',
  BLOOMREACH_API_SECRET: 'api-s3cret',
};

function problemsOf(env: Record<string, string>, need: readonly Need[] = []): readonly string[] {
  try {
    loadConfig({ env, cwd, need });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('uses the defaults in an empty environment', () => {
  const { summary, ...config } = loadConfig({ env: {}, cwd });
  expect(config).toEqual({
    redis: { address: undefined, serverBin: undefined, prefix: '{passbridge}', replicas: 0 },
    http: {
      host: '127.0.0.1',
      port: 3000,
      publicUrl: undefined,
      exposedBy: [],
    },
    uploads: { maxBytes: 4_096_000_000, operatorBytes: 10_240_000_000, totalBytes: 20_480_000_000 },
    passmachine: {
      url: 'https://api.passmachine.cz',
      account: undefined,
      tokenLifeMs: 86_400_000,
      maxInFlight: 10,
      maxPerSecond: undefined,
      timeoutMs: 10_000,
    },
    bloomreach: undefined,
    proxies: { http: undefined, https: undefined, exceptions: 'localhost,127.0.0.1,::1' },
    gateway: {
      accountId: undefined,
      projectToken: undefined,
      waitMs: 0,
      eventPaths: { passId: expect.any(Array), link: expect.any(Array) },
    },
    webhook: { basic: undefined, token: undefined, isProxied: false },
    writeback: { maxWaitMs: 1000, batchSize: 50 },
    retry: {
      delaysMs: [5000, 60_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000],
      maxRetryAfterMs: 3_600_000,
      createOnUnknown: 'hold',
    },
    cards: { ttlMs: 604_800_000, customerIndex: true },
    customers: { idTypes: ['registered'] },
    campaigns: { timeZone: 'Europe/Prague', pauseAt: 0.5, confirmAbove: 10_000, keptMs: 7_776_000_000 },
    alerts: {},
    failures: { keptMs: 7_776_000_000 },
    log: { level: 'info' },
    files: {
      dataDir: join(cwd, 'data'),
      programs: join(cwd, 'programs.yaml'),
      operators: undefined,
      storeMarkDir: join(homedir(), '.local', 'state', 'passbridge'),
    },
    shutdown: { graceMs: 15_000 },
  });
  expect(summary).toMatchObject({ PORT: '3000', PASSMACHINE_TOKEN: '(not set)' });
});

test('accepts the text of every default', () => {
  const defaults = Object.entries<Setting<unknown>>(settings).map(([name, { defaultText }]) => [
    name,
    defaultText,
  ]);
  const { summary: _explicit, ...explicit } = loadConfig({ env: Object.fromEntries(defaults), cwd });
  const { summary: _implicit, ...implicit } = loadConfig({ env: {}, cwd });
  expect(explicit).toEqual(implicit);
});

test('provides the credentials that a command needs', () => {
  const config = loadConfig({ env: complete, cwd, need: ['passmachine', 'bloomreach'] });
  expect(config.passmachine.account).toEqual({
    id: 'acc-1',
    credentials: { kind: 'pair', publicToken: 'pub-s3cret', secretToken: 'sec-s3cret' },
  });
  expect(config.bloomreach).toEqual({
    url: 'https://api.exponea.com',
    projectToken: 'project-s3cret',
    apiKeyId: 'key-s3cret',
    apiSecret: 'api-s3cret',
  });
});

test('prefers PASSMACHINE_TOKEN over the pair', () => {
  const config = loadConfig({
    env: { ...complete, PASSMACHINE_TOKEN: 'manual' },
    cwd,
    need: ['passmachine'],
  });
  expect(config.passmachine.account.credentials).toEqual({ kind: 'token', token: 'manual' });
});

test('reports all problems at once', () => {
  const env = {
    PORT: 'abc',
    PASSMACHINE_TIMEOUT_MS: '20000',
    PASSMACHINE_PUBLIC_TOKEN: 'p',
    WEBHOOK_USERNAME: 'u',
  };
  expect(problemsOf({ ...env, BLOOMREACH_URL: 'https://x.test' }, ['passmachine', 'bloomreach'])).toEqual([
    'PORT must be a whole number from 0 to 65535',
    'PASSMACHINE_TIMEOUT_MS must be a whole number from 1 to 10000',
    'PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN must both be set: one of them is missing',
    'PASSMACHINE_ACCOUNT_ID is missing',
    'BLOOMREACH_PROJECT_TOKEN is missing',
    'BLOOMREACH_API_KEY_ID is missing',
    'BLOOMREACH_API_SECRET is missing',
    'WEBHOOK_USERNAME and WEBHOOK_PASSWORD must both be set: one of them is missing',
  ]);
});

test('mentions both kinds of Passmachine credentials if there are none', () => {
  expect(problemsOf({}, ['passmachine'])).toEqual([
    'PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN are missing (or PASSMACHINE_TOKEN)',
    'PASSMACHINE_ACCOUNT_ID is missing',
  ]);
});

test.each([
  [
    'REDIS_URL',
    'http://x',
    'must be a redis:// or rediss:// address, unix:///path of a socket, redis+sentinel://host:port,…/master-name or redis+cluster://host:port,…',
  ],
  ['PASSMACHINE_URL', 'api.passmachine.cz', 'must be an http:// or https:// address'],
  ['METRICS_PORT', '9410-9400', 'must be a port from 0 to 65535, or a range of ports such as 9400-9410'],
  ['METRICS_PORT', '0-10', 'must be a port from 0 to 65535, or a range of ports such as 9400-9410'],
  ['METRICS_PORT', '65000-66000', 'must be a port from 0 to 65535, or a range of ports such as 9400-9410'],
  ['PASSMACHINE_URL', 'https://x.test/?a=1', 'must be an address without ? and #'],
  ['PASSMACHINE_URL', 'https://u:p@x.test', 'must be an address without credentials in it'],
  ['PASSMACHINE_MAX_IN_FLIGHT', '0', 'must be a whole number of at least 1'],
  ['PASSMACHINE_MAX_IN_FLIGHT', '1.5', 'must be a whole number of at least 1'],
  ['CREATE_ON_UNKNOWN', 'maybe', 'must be one of hold, retry'],
  ['RETRY_DELAYS', '5,,60', 'item 2 must be a number above 0'],
  ['CARD_TTL_DAYS', '-1', 'must be a number above 0'],
  ['CUSTOMER_ID_TYPES', 'registered,a b', 'item 2 must be letters, digits, - and _'],
  ['WRITEBACK_BATCH_SIZE', '51', 'must be a whole number from 1 to 50'],
  ['LOG_LEVEL', 'loud', 'must be one of trace, debug, info, warn, error, fatal, silent'],
  ['QUEUE_PREFIX', 'a:b', 'must be letters, digits, ., - and _'],
])('refuses %s=%s', (name, value, problem) => {
  expect(problemsOf({ [name]: value })).toEqual([`${name} ${problem}`]);
});

test('converts values to the units of the configuration', () => {
  const env = {
    QUEUE_PREFIX: '{mine}',
    RETRY_DELAYS: ' 0.5, 2 ',
    CARD_TTL_DAYS: '0.5',
    CUSTOMER_ID_TYPES: 'registered, email_id',
    PASSMACHINE_URL: 'http://127.0.0.1:8080/base//',
    PASSMACHINE_MAX_PER_SECOND: '25',
    PORT: '',
    DATA_DIR: '/var/lib/passbridge',
  };
  const config = loadConfig({ env, cwd });
  expect(config.redis.prefix).toBe('{mine}');
  expect(config.retry.delaysMs).toEqual([500, 2000]);
  expect(config.cards.ttlMs).toBe(43_200_000);
  expect(config.customers.idTypes).toEqual(['registered', 'email_id']);
  expect(config.passmachine).toMatchObject({ url: 'http://127.0.0.1:8080/base', maxPerSecond: 25 });
  expect(config.http.port).toBe(3000);
  expect(config.files.dataDir).toBe('/var/lib/passbridge');
});

test('reports misspelt and retired names, but not those of other programs', () => {
  const env = {
    PASSMACHINE_ACOUNT_ID: 'x',
    QUEUE_PREFX: 'x',
    PEOPLE_INDEX: 'off',
    BLOOMREACH_FAVOURITE_COLOUR: 'x',
    HOME: '/root',
    PATH: '/bin',
  };
  expect(problemsOf(env)).toEqual([
    'unknown setting PASSMACHINE_ACOUNT_ID, did you mean PASSMACHINE_ACCOUNT_ID?',
    'unknown setting QUEUE_PREFX, did you mean QUEUE_PREFIX?',
    'unknown setting PEOPLE_INDEX; use CUSTOMER_INDEX',
    'unknown setting BLOOMREACH_FAVOURITE_COLOUR',
  ]);
});

test('reads .env, which variables of the process override', () => {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-'));
  writeFileSync(join(folder, '.env'), 'PORT=4000\n# a comment\nHOST="0.0.0.0"\n');
  const config = loadConfig({ env: { PORT: '5000' }, cwd: folder });
  expect(config.http).toMatchObject({ host: '0.0.0.0', port: 5000 });
});

describe('a value that was pasted with something else', () => {
  const DELETE = 'Delete it, or type the value again';

  test.each([
    ['a zero-width space', 'abc\u200Bdef', 'U+200B (zero-width space)'],
    ['a byte order mark', 'abc\uFEFFdef', 'U+FEFF (byte order mark)'],
    ['a no-break space', 'abc\u00A0def', 'U+00A0 (no-break space)'],
    ['a carriage return', 'abc\rdef', 'U+000D (carriage return)'],
    ['a line feed', 'abc\ndef', 'U+000A (line feed)'],
    ['a right-to-left mark', 'abc\u200Fdef', 'U+200F (right-to-left mark)'],
    ['a Hangul filler', 'abc\u3164def', 'U+3164'],
    ['a zero character', 'abc\u0000def', 'U+0000'],
  ])('is refused with the position of %s', (_what, value, character) => {
    const texts = Object.entries<Setting<unknown>>(settings).filter(
      ([, { defaultText }]) => defaultText === undefined,
    );
    for (const [name] of texts) {
      expect(problemsOf({ [name]: value })).toContain(
        `${name} has an invisible character at position 4: ${character}. ${DELETE}`,
      );
    }
  });

  test.each(['"sec-s3cret"', "'sec-s3cret'", '`sec-s3cret`', '“sec-s3cret”', '„sec-s3cret“', '‘sec-s3cret’'])(
    'is refused with its quotation marks: %s',
    (value) => {
      expect(problemsOf({ ...complete, PASSMACHINE_SECRET_TOKEN: value })).toEqual([
        'PASSMACHINE_SECRET_TOKEN has quotation marks around its value. Delete them',
      ]);
    },
  );

  test.each([
    ['abc def', 'must be letters, digits and signs, but has a space at position 4'],
    ['аbc', 'must be letters, digits and signs, but has U+0430 at position 1'],
    ['Bearer abc', 'must be the token alone, without Bearer or Basic before it'],
  ])('is refused as a token: %s', (value, problem) => {
    expect(problemsOf({ PASSMACHINE_TOKEN: value })).toEqual([`PASSMACHINE_TOKEN ${problem}`]);
  });

  test('is accepted if only white space surrounds it', () => {
    const env = { ...complete, PASSMACHINE_TOKEN: '\uFEFF\u00A0abc\r\n' };
    const { account } = loadConfig({ env, cwd, need: ['passmachine'] }).passmachine;
    expect(account.credentials).toEqual({ kind: 'token', token: 'abc' });
  });

  test('is accepted as a password with spaces and other letters', () => {
    const env = { ...complete, PASSMACHINE_SECRET_TOKEN: "it's my „heslo“ č. 1" };
    const { account } = loadConfig({ env, cwd, need: ['passmachine'] }).passmachine;
    expect(account.credentials).toMatchObject({ secretToken: "it's my „heslo“ č. 1" });
  });

  test('names a setting whose name has the invisible character', () => {
    expect(problemsOf({ '\u200BPASSMACHINE_URL': 'https://x.test' })).toEqual([
      'PASSMACHINE_URL has an invisible character at position 1 of its name: U+200B (zero-width space). Delete it',
    ]);
  });
});

test.each([
  ['UTF-8 with a byte order mark', Buffer.from('\uFEFFPASSMACHINE_URL=https://x.test\r\nPORT=4000\r\n')],
  [
    'UTF-16 as PowerShell writes it',
    Buffer.from('\uFEFFPASSMACHINE_URL=https://x.test\r\nPORT=4000\r\n', 'utf16le'),
  ],
  [
    'UTF-16 in network byte order',
    Buffer.from('\uFEFFPASSMACHINE_URL=https://x.test\r\nPORT=4000\r\n', 'utf16le').swap16(),
  ],
])('reads a .env in %s', (_encoding, bytes) => {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-'));
  writeFileSync(join(folder, '.env'), bytes);
  const config = loadConfig({ env: {}, cwd: folder });
  expect(config.passmachine.url).toBe('https://x.test');
  expect(config.http.port).toBe(4000);
});

test('freezes the configuration deeply', () => {
  const config = loadConfig({ env: {}, cwd });
  expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError);
  expect(() => Object.assign(config.retry.delaysMs, { 0: 1 })).toThrow(TypeError);
});

test('keeps secrets out of the summary and the problems', () => {
  const env = { ...complete, REDIS_URL: 'redis://:red-s3cret@127.0.0.1' };
  const { summary } = loadConfig({ env, cwd });
  expect(JSON.stringify(summary)).not.toContain('s3cret');
  expect(summary).toMatchObject({
    PASSMACHINE_SECRET_TOKEN: '(set)',
    PASSMACHINE_ACCOUNT_ID: 'acc-1',
    REDIS_URL: '(set)',
  });
  expect(problemsOf({ REDIS_URL: 's3cret', PASSMACHINE_URL: 's3cret' }).join()).not.toContain('s3cret');
});

test.each([
  [{ HOST: '127.0.0.2', PUBLIC_URL: 'http://localhost:3000' }, []],
  [{ HOST: '::1' }, []],
  [{ HOST: '0.0.0.0' }, ['HOST']],
  [{ HOST: '10.0.0.5', PUBLIC_URL: 'https://cards.example.com' }, ['HOST', 'PUBLIC_URL']],
  [{ TRUST_PROXY: 'loopback' }, ['TRUST_PROXY']],
])('knows the settings that let others reach the server: %j', (env, exposedBy) => {
  const { http, webhook } = loadConfig({ env, cwd });
  expect(http.exposedBy).toEqual(exposedBy);
  // A peer's address tells apart who connects directly, but not who comes through a proxy.
  expect(webhook.isProxied).toBe(exposedBy.some((name) => name !== 'HOST'));
});

test('a .env that cannot be read is a problem of the configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-config-'));
  mkdirSync(join(folder, '.env'));
  expect(() => loadConfig({ env: {}, cwd: folder })).toThrow(/\.env cannot be read: \S+\.env is a folder/);
});

test.each([
  ['0', undefined],
  ['9400', { first: 9400, last: 9400 }],
  ['9400-9410', { first: 9400, last: 9410 }],
  ['9400 - 9400', { first: 9400, last: 9400 }],
])('reads METRICS_PORT=%s', (METRICS_PORT, expected) => {
  expect(loadConfig({ env: { METRICS_PORT }, cwd }).http.metricsPorts).toEqual(expected);
});

function folderWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-config-'));
  writeFileSync(join(folder, '.env'), text);
  return folder;
}

function problemsIn(text: string): readonly string[] {
  try {
    loadConfig({ env: {}, cwd: folderWith(text) });
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [String(error)];
  }
}

describe('the names in .env', () => {
  test.each([
    ['PROT=8080', 'unknown setting PROT, did you mean PORT?'],
    ['HOSTS=0.0.0.0', 'unknown setting HOSTS, did you mean HOST?'],
    ['DATADIR=./data', 'unknown setting DATADIR, did you mean DATA_DIR?'],
    ['REDIS_UR=redis://x', 'unknown setting REDIS_UR, did you mean REDIS_URL?'],
    ['LOGLEVEL=debug', 'unknown setting LOGLEVEL, did you mean LOG_LEVEL?'],
  ])('%s is pointed out', (line, problem) => {
    expect(problemsIn(line)).toEqual([problem]);
  });

  test('may be those of other programs and of sources', () => {
    const text = 'NODE_OPTIONS=--enable-source-maps\nSFTP_KEY=x\nHOME=/root\nTZ=UTC\nhttp_proxy=http://p:1\n';
    expect(problemsIn(text)).toEqual([]);
    expect(unknownInFile(folderWith(text))).toEqual(['SFTP_KEY']);
  });

  test('short names of the environment that are near a setting are not ours', () => {
    expect(loadConfig({ env: { PROT: 'x', HOSTS: 'y', POST: 'z' }, cwd }).http.port).toBe(3000);
  });
});
