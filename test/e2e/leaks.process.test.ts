/**
 * Sends planted secrets and personal data through real processes, with successes, failures, and upstreams that repeat
 * each request in their error. No output may contain a secret, and only the intended ones may contain personal data.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { basicAuth } from '../support/basic-auth.ts';
import { type Ended, printed, type Running } from '../support/cli.ts';
import { type ProxiedRequest, startEchoingProxy } from '../support/echoing-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { expectNoLeak } from '../support/leak-watch.ts';
import { makeIsolatedWorkspace } from '../support/isolated-workspace.ts';
import { keysContaining } from '../support/redis-bytes.ts';
import { makeBrowser } from '../web/auth/browser.ts';

const credentials = {
  publicToken: 'planted-public-7c1e',
  secretToken: 'planted-secret-93ab',
  projectToken: 'planted-project-51fd',
  apiKeyId: 'planted-keyid-e02b',
  apiSecret: 'planted-apisecret-66d0',
};
const ours = {
  WEBHOOK_USERNAME: 'planted-hookuser-aa41',
  WEBHOOK_PASSWORD: 'planted-hookpass-19cc',
  WEBHOOK_TOKEN: 'planted-hooktoken-b7f3',
};
const password = 'planted-viewer-password-2d';
/** Secrets in places where none belong: a wrong password, a misspelled setting, a URL. */
const misplaced = ['planted-guess-0f0f', 'planted-slip-4e4e', 'planted-redis-c3c3'];
const pairs = [
  [credentials.publicToken, credentials.secretToken],
  [credentials.apiKeyId, credentials.apiSecret],
  [ours.WEBHOOK_USERNAME, ours.WEBHOOK_PASSWORD],
].map((pair) => Buffer.from(pair.join(':')).toString('base64'));
const secrets = [...Object.values(credentials), ...Object.values(ours), password, ...misplaced, ...pairs];

const kinds = [
  'fine',
  'refused',
  'retried',
  'ragged',
  'empty',
  'lost',
  'hooked',
  'dropped',
  'broken',
] as const;
type Kind = (typeof kinds)[number];
const customerOf = (kind: Kind) => ({
  registered: `planted-id-${kind}`,
  first_name: `Plantedname${kind}`,
  last_name: 'Plantedsurname',
  email: `${kind}@planted.example`,
  id: '42',
});
const personalData = ['planted-id-', 'Plantedname', 'Plantedsurname', '@planted.example'];

const line = (kind: Kind) => Object.values(customerOf(kind)).join(',');
const csv = [
  Object.keys(customerOf('fine')).join(','),
  ...(['fine', 'refused', 'retried', 'lost'] as const).map(line),
  `${line('ragged')},one,too many`,
  `planted-id-empty,,Plantedsurname,empty@planted.example,42`,
  '',
].join('\n');

/** Chooses the fault of each request: a refusal, a lost response, two failed attempts, and two failed batches. */
function makeFaults() {
  let attempts = 0;
  let batches = 0;
  return ({ url, body }: ProxiedRequest) => {
    if (url.endsWith('/passes')) {
      if (body.includes('planted-id-refused')) return 422;
      if (body.includes('planted-id-lost')) return 'crash';
      if (body.includes('planted-id-retried')) return (attempts += 1) < 3 ? 503 : undefined;
    }
    if (!url.includes('/batch')) return undefined;
    batches += 1;
    return batches === 1 ? 500 : batches === 2 ? 'crash' : undefined;
  };
}

/** Returns the texts that occur in another, each with the 200 characters before it. */
function occurrences(text: string, texts: readonly string[]): string[] {
  return texts.flatMap((needle) => {
    const at = text.indexOf(needle);
    return at === -1 ? [] : [text.slice(Math.max(0, at - 200), at + needle.length)];
  });
}

it('prints, logs and stores no secret, and shows personal data only where intended', async () => {
  const workspace = await makeIsolatedWorkspace({ credentials });
  const { sandbox, dataDir, redis, prefix, write } = workspace;
  const proxy = await startEchoingProxy(sandbox.passmachineUrl, makeFaults());
  const env = {
    DATA_DIR: dataDir,
    ...ours,
    OPERATORS_FILE: 'operators.yaml',
    PASSMACHINE_URL: sandbox.passmachineUrl.replace(new URL(sandbox.passmachineUrl).origin, proxy.url),
    BLOOMREACH_URL: sandbox.bloomreachUrl.replace(new URL(sandbox.bloomreachUrl).origin, proxy.url),
    RETRY_DELAYS: '0.1,0.1,0.1',
    LOG_LEVEL: 'trace',
  };
  const outputs: Ended[] = [];
  const start = (args: readonly string[], more = {}) => workspace.start(args, { ...env, ...more });
  const run = async (args: readonly string[], more = {}, input = ''): Promise<Ended> => {
    const output = await workspace.run(args, { ...env, ...more }, input);
    outputs.push(output);
    return output;
  };

  // A campaign and its reports.
  await write('export.csv', csv);
  const issued = await run(['issue', 'loyalty', 'export.csv', '--skip-bad-rows']);
  const campaign = /(\S+): finished/.exec(issued.stdout)?.[1] ?? '';
  expect(issued).toMatchObject({ code: 1, stdout: expect.stringMatching(/done +2\b/) });
  await Promise.all([
    run(['status', campaign]),
    run(['status', '--json']),
    run(['limits', '--in-flight', '9']),
    run(['issue', 'loyalty', 'export.csv', '--dry-run']),
  ]);

  // Invalid settings, next to secrets and with secrets in the wrong place.
  const wrong = [
    { PASSMACHINE_MAX_IN_FLIGHT: 'many' },
    { PASSMACHINE_SECRET_TOKN: misplaced[1] },
    { REDIS_URL: `redis://:${misplaced[2]}@127.0.0.1:1x` },
    { BLOOMREACH_URL: `https://user:${misplaced[1]}@127.0.0.1/` },
    { BLOOMREACH_API_SECRET: '' },
    { WEBHOOK_PASSWORD: '' },
  ];
  const refused = await Promise.all(wrong.map((more) => run(['up'], more)));
  expect(refused.map(({ code }) => code)).toEqual(wrong.map(() => 2));

  // The webhook endpoints and the dashboard.
  await run(['operators', 'add', 'Vera'], {}, `${password}\n`);
  const up = start(['up']);
  const [, url = ''] = await printed(up, /up at (\S+)/);
  const answers = await sendWebhooks(url);
  const pages = await visitPages(url, campaign);
  await eventually(() => expect(sandbox.passes.of('planted-id-hooked')).toHaveLength(1));
  const metrics = await (await request(`${url}/metrics`)).body.text();
  outputs.push(await stop(up));

  // Commands that are meant to show personal data.
  const [results, , finding] = await Promise.all([
    run(['results', campaign]),
    run(['failures', '--csv']),
    run(['find', 'fine@planted.example']),
  ]);
  expect(results.stdout).toContain('refused@planted.example');
  expect(finding.stdout).toContain('planted-id-fine');
  await run(['forget', 'planted-id-fine', '--yes', '--json']);

  const tokens = proxy.answers.flatMap((text) => /"token":"([^"]+)"/.exec(text)?.[1] ?? []);
  expect(tokens.length).toBeGreaterThan(0);
  const allSecrets = [...secrets, ...tokens];
  const log = await readFile(join(dataDir, 'passbridge.log'), 'utf8');
  const shown = outputs.map(({ stdout, stderr }) => stdout + stderr).join('\n');
  for (const text of [shown, log, metrics, ...answers, ...pages])
    expect(occurrences(text, allSecrets)).toEqual([]);
  expect(await keysContaining(redis, prefix, allSecrets)).toEqual([]);

  // A viewer may search for a customer; no other page shows personal data.
  const [searched, ...others] = pages;
  expect(searched).toContain('planted-id-fine');
  for (const text of others) expect(occurrences(text, personalData)).toEqual([]);
  const logged = outputs.map(({ stderr }) => stderr).join('\n') + log;
  const audit = JSON.stringify(await redis.lrange(makeLedgerKeys(prefix).audit, 0, -1));
  for (const text of [logged, metrics, audit]) expect(occurrences(text, personalData)).toEqual([]);
});

it('the leak check of every test process reports a secret and a customer', () => {
  const env = { PASSMACHINE_SECRET_TOKEN: 'planted-secret', PASSMACHINE_ACCOUNT_ID: 'planted-account' };
  const check = (stdout: string, stderr: string) => () => expectNoLeak({ code: 0, stdout, stderr }, env);
  expect(check('planted-account', '{"level":30,"job":"run-1"}\nŽofie')).not.toThrow();
  expect(check('a planted-secret', '')).toThrow(/PASSMACHINE_SECRET_TOKEN/);
  expect(check('', '{"level":30,"to":"c-1@example.com"}')).toThrow(/name a customer/);
});

/** Sends valid and invalid webhook requests; returns the responses. */
async function sendWebhooks(url: string): Promise<string[]> {
  const authorization = `Bearer ${ours.WEBHOOK_TOKEN}`;
  const { registered, ...customer } = customerOf('hooked');
  const valid = JSON.stringify({ customer_ids: { registered }, customer });
  const sent = [
    [valid, authorization],
    [valid, `Bearer ${misplaced[0]}`],
    [valid, basicAuth(ours.WEBHOOK_USERNAME, misplaced[0] ?? '')],
    [JSON.stringify({ customer_ids: {}, customer: customerOf('dropped') }), authorization],
    [
      `{"customer_ids":{"registered":"planted-id-broken"},"customer":{"email":"broken@planted.example`,
      authorization,
    ],
  ] as const;
  const answers: string[] = [];
  for (const [body, authorizedBy] of sent) {
    const headers = { authorization: authorizedBy, 'content-type': 'application/json' };
    const endpoint = `${url}/webhooks/bloomreach/loyalty/create`;
    const answer = await request(endpoint, { method: 'POST', headers, body });
    answers.push(JSON.stringify(answer.headers) + (await answer.body.text()));
  }
  return answers;
}

/** Returns every page and error as a viewer and as a visitor see them. The first is the search for a customer. */
async function visitPages(url: string, campaign: string): Promise<string[]> {
  const [vera, visitor] = [makeBrowser(url), makeBrowser(url)];
  const signedIn = [await visitor.signIn('Vera', misplaced[0] ?? ''), await vera.signIn('Vera', password)];
  expect(signedIn.map(({ status }) => status)).toEqual([401, 303]);
  const pages = [await vera.send('/customers?q=fine%40planted.example'), ...signedIn];
  const paths = [
    '/',
    '/campaigns',
    `/campaigns/${campaign}`,
    '/attention',
    '/activity/bulk-actions',
    '/activity',
    '/schedules',
    '/campaigns/nope',
    '/nope?email=fine@planted.example',
    '/api/campaigns',
    `/api/campaigns/${campaign}`,
    '/api/nope?email=fine@planted.example',
    '/api/docs/json',
    '/healthz',
    '/readyz',
  ];
  for (const path of paths) for (const browser of [vera, visitor]) pages.push(await browser.send(path));
  return pages.map(({ text }) => text);
}

async function stop(running: Running): Promise<Ended> {
  running.child.kill('SIGTERM');
  return running.ended;
}
