/**
 * A planted customer and six planted secrets go through campaigns with faults, in real processes, with everything that
 * quotes them: exports, uploads, failures, answers of upstreams, events, webhooks, schedules, drafts, files of results.
 * After `forget`, no key of Redis and no file of passbridge names the customer, unless its report says so.
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { basicAuth } from '../support/basic-auth.ts';
import { type Ended, printed, type Running } from '../support/cli.ts';
import { type ProxiedRequest, startEchoingProxy } from '../support/echoing-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { filesContaining, makeIsolatedWorkspace } from '../support/isolated-workspace.ts';
import { keysContaining } from '../support/redis-bytes.ts';
import { makeBrowser } from '../web/auth/browser.ts';

type Browser = ReturnType<typeof makeBrowser>;

const secrets = {
  token: 'planted-secret-token-93ab',
  bloomreach: 'planted-api-secret-66d0',
  basicAuth: 'planted-hook-password-19cc',
  operator: 'planted-operator-password-2d',
  sftpKey: 'plantedSftpKeyAAAAC3NzaC1lZDI1NTE5',
};

const planted = {
  registered: 'planted-id-77',
  first_name: 'Plantina',
  last_name: 'Plantovská',
  email: 'plantina@planted.example',
  id: 'planted-number-77',
  phone: '+420777999111',
};
const HOOK_USER = 'hook-user-41';

/** The id of a card that Passmachine no longer has. */
const OLD_CARD = 'planted-pass-77';
/** Operators type it, as a reason and in a condition, so the audit log and a draft keep it. */
const TYPED = planted.phone;

const header = [...Object.keys(planted), 'passmachine_pass_id'].join(',');
const rowOf = (one: typeof planted, card = '') => [...Object.values(one), card].join(',');
const other = (n: number): typeof planted => ({
  registered: `other-${n}`,
  first_name: 'Anna',
  last_name: 'Dobrá',
  email: `other-${n}@other.example`,
  id: String(n),
  phone: '',
});
const csv = (...rows: string[]) => [header, ...rows, ''].join('\n');

const QUOTE = `Customer ${planted.first_name} ${planted.last_name} (${planted.email}, ${planted.phone}) ${planted.registered} blocked`;

/** Upstreams that quote the customer: two failed attempts, a refusal, a card that is gone, two failed batches. */
function makeFaults() {
  let creates = 0;
  let batches = 0;
  return ({ url, body }: ProxiedRequest) => {
    if (url.includes(`/passes/${OLD_CARD}`)) return { status: 404, text: QUOTE };
    if (url.endsWith('/passes') && body.includes(planted.registered)) {
      creates += 1;
      if (creates <= 2) return { status: 503, text: QUOTE };
      if (creates === 3) return { status: 422, text: QUOTE };
    }
    if (!url.includes('/batch') || !body.includes(planted.registered)) return undefined;
    batches += 1;
    return batches <= 2 ? { status: 500, text: JSON.stringify({ error: QUOTE }) } : undefined;
  };
}

const programs = (sftpPort: number) => `
sources:
  inbox: { folder: inbox, file: '*.csv', settle: 0 }
  nightly:
    sftp: { host: 127.0.0.1, port: ${sftpPort}, username: passbridge, hostKey: 'SHA256:${'A'.repeat(43)}', privateKeyFile: ./sftp-key, path: exports }
    file: '*.csv'
programs:
  loyalty:
    card: loyalty
    templateId: t
    create:
      templateVariables: { kpFirstName: "{{ customer.first_name }}", kpLastName: "{{ customer.last_name }}", kpPhone: "{{ customer.phone | default('') }}" }
      metadata: { registered: "{{ customer_ids.registered }}", email: "{{ customer.email }}" }
    notify:
      - { op: replace, path: /templateVariables/fieldValue, value: "{{ text }}" }
schedules:
  weekly: { program: loyalty, action: issue, source: inbox, cron: '0 3 1 1 *' }
`;

const ended = (running: Running, signal: NodeJS.Signals): Promise<Ended> => {
  running.child.kill(signal);
  return running.ended;
};

/** Prepares a campaign with an uploaded export, and checks it. */
async function draftWith(url: string, operator: Browser, content: string): Promise<void> {
  await operator.send('/campaigns/new');
  const cookie = [...operator.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = { 'tus-resumable': '1.0.0', 'csrf-token': operator.token(), cookie };
  const created = await request(`${url}/uploads`, {
    method: 'POST',
    headers: { ...headers, 'upload-length': String(Buffer.byteLength(content)) },
  });
  const at = String(created.headers['location']);
  const sent = await request(url + at, {
    method: 'PATCH',
    headers: { ...headers, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    body: content,
  });
  expect(sent.statusCode).toBe(204);
  const form = { program: 'loyalty', action: 'issue', upload: at.split('/').at(-1) ?? '', name: 'x.csv' };
  const { headers: answer } = await operator.send('/campaigns/drafts', { method: 'POST', form });
  const draft = String(answer['location']);
  const where = `{{ customer.phone == '${TYPED}' }}`;
  expect((await operator.send(`${draft}/review`, { method: 'POST', form: { where } })).status).toBe(303);
  expect((await operator.send(`${draft}/review`)).status).toBe(200);
}

const VIEWED = [
  '/',
  '/campaigns',
  '/attention',
  '/attention/unknown',
  '/activity/bulk-actions',
  '/schedules',
  '/activity',
  '/api/overview',
  '/api/campaigns',
  '/api/failures',
  '/api/bulk-actions',
  '/api/schedules',
  '/healthz',
  '/readyz',
  '/metrics',
];

async function viewAll(viewer: Browser, campaigns: readonly string[]): Promise<string> {
  const paths = [...VIEWED, ...campaigns.flatMap((id) => [`/campaigns/${id}`, `/api/campaigns/${id}`])];
  const causes = JSON.parse((await viewer.send('/api/failures')).text) as {
    causes: { cause: { id: string } }[];
  };
  paths.push(...causes.causes.map(({ cause }) => `/attention/${cause.id}`));
  const pages: string[] = [];
  for (const path of paths) pages.push((await viewer.send(path)).text);
  return pages.join('\n');
}

it('leaves no trace of a forgotten customer but those it reports, and stores no secret', async ({
  annotate,
}) => {
  const credentials = { secretToken: secrets.token, apiSecret: secrets.bloomreach };
  const workspace = await makeIsolatedWorkspace({ credentials });
  const { sandbox, dataDir, redis, folder, write } = workspace;
  const proxy = await startEchoingProxy(sandbox.passmachineUrl, makeFaults());
  const through = (url: string) => url.replace(new URL(url).origin, proxy.url);
  const env: Record<string, string> = {
    DATA_DIR: dataDir,
    PROGRAMS_FILE: 'programs.yaml',
    PASSMACHINE_URL: through(sandbox.passmachineUrl),
    BLOOMREACH_URL: through(sandbox.bloomreachUrl),
    WEBHOOK_USERNAME: HOOK_USER,
    WEBHOOK_PASSWORD: secrets.basicAuth,
    RETRY_DELAYS: '0.1,0.1,0.1',
    LOG_LEVEL: 'trace',
  };
  const outputs: Ended[] = [];
  const start = (...args: string[]) => workspace.start(args, env);
  const run = async (args: readonly string[], input = ''): Promise<Ended> => {
    const output = await workspace.run(args, env, input);
    outputs.push(output);
    return output;
  };
  await write('programs.yaml', programs(1));
  await write(
    'sftp-key',
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${secrets.sftpKey}\n-----END OPENSSH PRIVATE KEY-----\n`,
  );
  await write('export.csv', csv(rowOf(planted), rowOf(other(1)), rowOf(other(2))));
  await write('notify.csv', csv(rowOf(planted, OLD_CARD)));
  await write('ragged.csv', csv(`${rowOf(planted)},one,too many`, rowOf(other(3))));

  // Without operators: the access token opens the dashboard.
  const open = start('up');
  const [, openUrl = '', accessToken = ''] = await printed(open, /(http:\/\/\S+)\/sign-in\?token=(\S+)/);
  expect(accessToken.length).toBeGreaterThan(20);
  const owner = makeBrowser(openUrl);
  expect((await owner.send(`/sign-in?token=${accessToken}`)).status).toBeLessThan(400);
  const { stderr: openLog } = await ended(open, 'SIGTERM');

  env['OPERATORS_FILE'] = 'operators.yaml';
  for (const [name, role] of [
    ['Vera', 'viewer'],
    ['Iva', 'operator'],
  ] as const) {
    await run(['operators', 'add', name, '--role', role], `${secrets.operator}\n`);
  }
  const up = start('up');
  const [, url = ''] = await printed(up, /up at (\S+)/);
  const [vera, iva] = [makeBrowser(url), makeBrowser(url)];
  await vera.signIn('Vera', secrets.operator);
  await iva.signIn('Iva', secrets.operator);

  // Two attempts fail, the third is refused; the retry makes the card, and its write-back fails twice.
  const issued = await run(['issue', 'loyalty', 'export.csv']);
  expect(issued).toMatchObject({ code: 1, stdout: expect.stringContaining('1 × PM_REFUSED') });
  const campaign = /(\S+): finished/.exec(issued.stdout)?.[1] ?? '';
  const firstView = await viewAll(vera, [campaign]);
  expect(firstView).toContain('Customer …');
  const retried = await run(['retry', '--campaign', campaign, '--reason', `called ${TYPED}`]);
  expect(retried.code).toBe(0);
  const [made] = sandbox.passes.of(planted.registered);
  expect(made).toBeDefined();
  const names = [...Object.values(planted).filter((value) => value !== TYPED), OLD_CARD, made?.id ?? ''];

  const notified = await run(['notify', 'loyalty', 'notify.csv', '--text', 'Dnes']);
  expect(notified.stdout).toContain('1 × PM_PASS_GONE');
  expect((await run(['issue', 'loyalty', 'ragged.csv', '--skip-bad-rows'])).stdout).toContain(
    '1 × ROW_RAGGED',
  );
  await run(['missing', 'loyalty', 'export.csv']);
  const results = await run(['results', campaign]);
  await run(['failures', '--csv']);
  await run(['status', '--json']);
  expect((await run(['issue', 'loyalty', '@nightly'])).code).toBe(2);

  // Webhooks, events, an upload, and a schedule whose export is in another encoding.
  const authorization = basicAuth(HOOK_USER, secrets.basicAuth);
  const { registered, ...attributes } = planted;
  const post = (path: string, body: unknown) =>
    request(url + path, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await post('/webhooks/bloomreach/loyalty/create', { customer_ids: { registered }, customer: attributes });
  await post('/webhooks/bloomreach/loyalty/notify', {
    customer_ids: { registered },
    customer: { ...attributes, passmachine_pass_id: OLD_CARD },
    text: 'Dnes',
  });
  const event = {
    customer_ids: { registered },
    event_type: 'passmachine',
    properties: { action: 'added', name: planted.first_name, email: planted.email, phone: planted.phone },
  };
  const { projectToken } = sandbox.credentials;
  expect((await post(`/track/v2/projects/${projectToken}/customers/events`, event)).statusCode).toBe(200);
  await draftWith(url, iva, csv(rowOf(planted)));
  await mkdir(join(folder, 'inbox'));
  await write('inbox/weekly.csv', iconv.encode(csv(rowOf(other(4)), rowOf(planted)), 'windows-1250'));
  await run(['schedules', 'run', 'weekly']);
  await eventually(async () => {
    const { schedules } = JSON.parse((await iva.send('/api/schedules')).text) as { schedules: unknown[] };
    expect(JSON.stringify(schedules)).toContain('not UTF-8');
  });
  await eventually(async () => {
    const { causes } = JSON.parse((await iva.send('/api/failures')).text) as { causes: { count: number }[] };
    expect(causes.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(3);
  });
  const lastView = await viewAll(vera, [campaign]);

  // Before: everywhere.
  const keysBefore = new Set(
    (await keysContaining(redis, '', names)).map((found) => found.replace(/: .*/s, '')),
  );
  const filesBefore = await filesContaining(dataDir, names);
  expect(keysBefore.size).toBeGreaterThan(2);
  expect(filesBefore.length).toBeGreaterThan(2);
  const before = `${keysBefore.size} and ${filesBefore.length}`;

  const report = await eventually(async () => {
    const forgotten = await run(['forget', planted.email, '--yes', '--files', '--json']);
    expect(forgotten.code).toBe(0);
    return JSON.parse(forgotten.stdout) as {
      erased: Record<string, number>;
      files: { path: string; deleted: boolean }[];
      remains: { what: string; why: string }[];
    };
  });
  expect(report.erased).toMatchObject({ failed: expect.any(Number) as number, timeline: 1 });

  // After: nowhere, or named in the report.
  const keys = await keysContaining(redis, '', names);
  const typed = await keysContaining(redis, '', [TYPED]);
  const reported = (key: string) =>
    report.remains.some(({ what }) => key.includes(what.replace(/^a mention in | \(.*$/g, '')));
  expect(keys.filter((key) => !reported(key))).toEqual([]);
  expect(typed.filter((key) => !reported(key))).toEqual([]);
  expect(report.remains).toContainEqual({
    what: 'a mention in audit',
    why: expect.stringContaining('typed it') as string,
  });
  const files = await eventually(async () => {
    const found = await filesContaining(dataDir, names);
    // Redis rewrites its append-only file in the background.
    expect(found.filter((file) => file.includes('/redis/'))).toEqual([]);
    return found;
  });
  const kept = report.files.filter(({ deleted }) => !deleted).map(({ path }) => path);
  expect(files.filter((file) => !kept.includes(file))).toEqual([]);
  expect(await filesContaining(env['STORE_MARK_DIR'] ?? join(folder, 'marks'), names)).toEqual([]);

  // No page of a viewer, no log and no metric names the customer, at any time.
  const { stderr: log } = await ended(up, 'SIGTERM');
  for (const text of [firstView, lastView, log, openLog]) {
    expect(names.filter((name) => text.includes(name))).toEqual([]);
  }
  // The results, printed for the operator, are meant to hold the customer's row.
  expect(results.stdout).not.toBe('');

  const tokens = proxy.answers.flatMap((text) => /"token":"([^"]+)"/.exec(text)?.[1] ?? []);
  expect(tokens.length).toBeGreaterThan(0);
  const allSecrets = [...Object.values(secrets), accessToken, ...tokens];
  const shown = [
    ...outputs.map(({ stdout, stderr }) => stdout + stderr),
    log,
    openLog,
    firstView,
    lastView,
  ].join('\n');
  expect(allSecrets.filter((secret) => shown.includes(secret))).toEqual([]);
  expect(await keysContaining(redis, '', allSecrets)).toEqual([]);
  expect(await filesContaining(dataDir, allSecrets)).toEqual([]);
  await annotate(
    `planted customer: ${before} Redis keys and files before forget; after it ${keys.length} keys and ${files.length} files, ${typed.length} keys with what operators typed, all in the report of ${report.remains.length} remainders and ${kept.length} files; ${allSecrets.length} planted secrets in 0 outputs, keys and files`,
  );
}, 400_000);
