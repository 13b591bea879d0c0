/**
 * Planted secrets and personal data, through everything that goes well and wrong in real processes,
 * with upstreams that say back all they were sent: no secret comes out anywhere, and people only where
 * they are meant to be seen.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { type Ended, printed, type Running } from '../support/cli.ts';
import { type Asked, startEchoingProxy } from '../support/echoing-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { expectNoLeak } from '../support/leak-watch.ts';
import { makeOwnService } from '../support/own-desk.ts';
import { keysHolding } from '../support/redis-bytes.ts';
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
/** What somebody typed who meant a secret. */
const slips = ['planted-guess-0f0f', 'planted-slip-4e4e', 'planted-redis-c3c3'];
const pairs = [
  [credentials.publicToken, credentials.secretToken],
  [credentials.apiKeyId, credentials.apiSecret],
  [ours.WEBHOOK_USERNAME, ours.WEBHOOK_PASSWORD],
].map((pair) => Buffer.from(pair.join(':')).toString('base64'));
const secrets = [...Object.values(credentials), ...Object.values(ours), password, ...slips, ...pairs];

const kinds = ['fine', 'refused', 'tried', 'ragged', 'empty', 'lost', 'hooked', 'dropped', 'broken'] as const;
type Kind = (typeof kinds)[number];
const of = (kind: Kind) => ({
  registered: `planted-id-${kind}`,
  first_name: `Plantedname${kind}`,
  last_name: 'Plantedsurname',
  email: `${kind}@planted.example`,
  id: '42',
});
const people = ['planted-id-', 'Plantedname', 'Plantedsurname', '@planted.example'];

const line = (kind: Kind) => Object.values(of(kind)).join(',');
const csv = [
  Object.keys(of('fine')).join(','),
  ...(['fine', 'refused', 'tried', 'lost'] as const).map(line),
  `${line('ragged')},one,too many`,
  `planted-id-empty,,Plantedsurname,empty@planted.example,42`,
  '',
].join('\n');

/** Each misfortune once; the tries of one customer are counted. */
function makeFate() {
  let tries = 0;
  let batches = 0;
  return ({ url, body }: Asked) => {
    if (url.endsWith('/passes')) {
      if (body.includes('planted-id-refused')) return 422;
      if (body.includes('planted-id-lost')) return 'crash';
      if (body.includes('planted-id-tried')) return (tries += 1) < 3 ? 503 : undefined;
    }
    if (!url.includes('/batch')) return undefined;
    batches += 1;
    return batches === 1 ? 500 : batches === 2 ? 'crash' : undefined;
  };
}

/** Which of the texts stand in another, each with what stands before it. */
function found(text: string, texts: readonly string[]): string[] {
  return texts.flatMap((sought) => {
    const at = text.indexOf(sought);
    return at === -1 ? [] : [text.slice(Math.max(0, at - 200), at + sought.length)];
  });
}

it('no secret comes out anywhere, and personal data only where it is meant to', async () => {
  const service = await makeOwnService({ credentials });
  const { sandbox, dataDir, redis, prefix, write } = service;
  const proxy = await startEchoingProxy(sandbox.passmachineUrl, makeFate());
  const env = {
    DATA_DIR: dataDir,
    ...ours,
    OPERATORS_FILE: 'operators.yaml',
    PASSMACHINE_URL: sandbox.passmachineUrl.replace(new URL(sandbox.passmachineUrl).origin, proxy.url),
    BLOOMREACH_URL: sandbox.bloomreachUrl.replace(new URL(sandbox.bloomreachUrl).origin, proxy.url),
    RETRY_DELAYS: '0.1,0.1,0.1',
    LOG_LEVEL: 'trace',
  };
  const printedBy: Ended[] = [];
  const start = (args: readonly string[], more = {}) => service.start(args, { ...env, ...more });
  const run = async (args: readonly string[], more = {}): Promise<Ended> => {
    const said = await start(args, more).ended;
    printedBy.push(said);
    return said;
  };

  // What a run comes to, and what is said of it.
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

  // Wrong settings, beside secrets and with secrets in the wrong place.
  const wrong = [
    { PASSMACHINE_MAX_IN_FLIGHT: 'many' },
    { PASSMACHINE_SECRET_TOKN: slips[1] },
    { REDIS_URL: `redis://:${slips[2]}@127.0.0.1:1x` },
    { BLOOMREACH_URL: `https://user:${slips[1]}@127.0.0.1/` },
    { BLOOMREACH_API_SECRET: '' },
    { WEBHOOK_PASSWORD: '' },
  ];
  const refused = await Promise.all(wrong.map((more) => run(['up'], more)));
  expect(refused.map(({ code }) => code)).toEqual(wrong.map(() => 2));

  // The doors and the dashboard.
  const adding = start(['operators', 'add', 'Vera']);
  adding.child.stdin?.end(`${password}\n`);
  printedBy.push(await adding.ended);
  const up = start(['up']);
  const [, url = ''] = await printed(up, /up at (\S+)/);
  const answers = await knock(url);
  const pages = await lookAround(url, campaign);
  await eventually(() => expect(sandbox.passes.of('planted-id-hooked')).toHaveLength(1), 30_000);
  const metrics = await (await request(`${url}/metrics`)).body.text();
  printedBy.push(await stop(up));

  // Where they are meant to be.
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
  const secret = [...secrets, ...tokens];
  const log = await readFile(join(dataDir, 'passbridge.log'), 'utf8');
  const shown = printedBy.map(({ stdout, stderr }) => stdout + stderr).join('\n');
  for (const text of [shown, log, metrics, ...answers, ...pages]) expect(found(text, secret)).toEqual([]);
  expect(await keysHolding(redis, prefix, secret)).toEqual([]);

  // Whoever may look at all may look somebody up, and sees nobody by the way.
  const [lookedUp, ...others] = pages;
  expect(lookedUp).toContain('planted-id-fine');
  for (const text of others) expect(found(text, people)).toEqual([]);
  const logged = printedBy.map(({ stderr }) => stderr).join('\n') + log;
  const audit = JSON.stringify(await redis.lrange(`${prefix}:audit`, 0, -1));
  for (const text of [logged, metrics, audit]) expect(found(text, people)).toEqual([]);
});

it('the watch over every other run of the suite notices a secret and a customer', () => {
  const env = { PASSMACHINE_SECRET_TOKEN: 'planted-secret', PASSMACHINE_ACCOUNT_ID: 'planted-account' };
  const watch = (stdout: string, stderr: string) => () => expectNoLeak({ code: 0, stdout, stderr }, env);
  expect(watch('planted-account', '{"level":30,"job":"run-1"}\nŽofie')).not.toThrow();
  expect(watch('a planted-secret', '')).toThrow(/PASSMACHINE_SECRET_TOKEN/);
  expect(watch('', '{"level":30,"to":"c-1@example.com"}')).toThrow(/name a customer/);
});

/** Sends what doors take and what they refuse; returns the answers. */
async function knock(url: string): Promise<string[]> {
  const authorization = `Bearer ${ours.WEBHOOK_TOKEN}`;
  const { registered, ...customer } = of('hooked');
  const hit = JSON.stringify({ customer_ids: { registered }, customer });
  const sent = [
    [hit, authorization],
    [hit, `Bearer ${slips[0]}`],
    [hit, `Basic ${Buffer.from(`${ours.WEBHOOK_USERNAME}:${slips[0]}`).toString('base64')}`],
    [JSON.stringify({ customer_ids: {}, customer: of('dropped') }), authorization],
    [
      `{"customer_ids":{"registered":"planted-id-broken"},"customer":{"email":"broken@planted.example`,
      authorization,
    ],
  ] as const;
  const answers: string[] = [];
  for (const [body, by] of sent) {
    const headers = { authorization: by, 'content-type': 'application/json' };
    const door = `${url}/webhooks/bloomreach/loyalty/create`;
    const answer = await request(door, { method: 'POST', headers, body });
    answers.push(JSON.stringify(answer.headers) + (await answer.body.text()));
  }
  return answers;
}

/** What a viewer and somebody unknown see, on every page and in every error; first a person that the viewer looks up. */
async function lookAround(url: string, campaign: string): Promise<string[]> {
  const [vera, nobody] = [makeBrowser(url), makeBrowser(url)];
  const signedIn = [await nobody.signIn('Vera', slips[0] ?? ''), await vera.signIn('Vera', password)];
  expect(signedIn.map(({ status }) => status)).toEqual([401, 303]);
  const pages = [await vera.send('/customers?q=fine%40planted.example'), ...signedIn];
  const paths = [
    '/',
    '/campaigns',
    `/campaigns/${campaign}`,
    '/failures',
    '/bulk-actions',
    '/audit',
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
  for (const path of paths) for (const one of [vera, nobody]) pages.push(await one.send(path));
  return pages.map(({ text }) => text);
}

async function stop(running: Running): Promise<Ended> {
  running.child.kill('SIGTERM');
  return running.ended;
}
