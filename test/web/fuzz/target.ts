/** A whole passbridge that has done some work, with every route that it serves and the words that mean something to it. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type OperatorEntry, saveOperators } from '../../../src/config/operators.ts';
import { operatorRoles } from '../../../src/domain/operators/operator.ts';
import { makeLogger } from '../../../src/kit/logger.ts';
import { loadProgramsFile } from '../../../src/programs/file/programs.ts';
import { loadSources } from '../../../src/programs/file/sources.ts';
import { startBridge } from '../../support/bridge.ts';
import { freePort } from '../../support/free-port.ts';
import { cheapHash } from '../auth/cheap-hash.ts';
import { basic, PASSWORD } from '../auth/guarded-scope.ts';
import type { FuzzRoute, Vocabulary } from './grammar.ts';
import type { JsonSchema } from './schema-values.ts';
import { learnBodies, learnForms } from './vocabulary.ts';

export const WEBHOOK_TOKEN = 'webhook-token-of-the-fuzz-test';

const rows = `registered,first_name,last_name,email,id
a,A,B,a@x.example,1
b,<b>B</b>,B,b@x.example,2
c,C,=1+1,c@x.example,3
d,D,D,d@x.example,4
`;

const moreOf = (csv: string, folder: string) => `
sources:
  drop: { folder: ${folder}, file: "*.csv" }
schedules:
  nightly: { program: loyalty, action: issue, source: { file: ${csv} }, cron: '0 3 * * *' }
`;

const string: JsonSchema = { type: 'string' };
const customer: JsonSchema = {
  type: 'object',
  properties: {
    customer_ids: { type: 'object', properties: { registered: string }, required: ['registered'] },
    customer: {
      type: 'object',
      properties: { first_name: string, email: string, passmachine_pass_id: string },
      required: ['first_name', 'email'],
    },
    text: string,
    use_by: string,
    name: string,
    event_type: string,
    properties: { type: 'object', additionalProperties: {} },
    data: { type: 'object', additionalProperties: {} },
    templateId: string,
    metadata: { type: 'object', properties: { registered: string } },
    templateVariables: { type: 'object', additionalProperties: string },
  },
  required: ['customer_ids', 'customer'],
};
/** Bodies of all webhook endpoints, none of which OpenAPI describes. */
const webhookBody: JsonSchema = {
  anyOf: [
    customer,
    { type: 'array', items: customer },
    { type: 'object', properties: { commands: { type: 'array', items: customer } }, required: ['commands'] },
  ],
};

/** Level of `warn` in pino; lines above it report bugs. */
const WARN = 40;

/** Starts a worker, a feeder, a web server and a server of metrics. `alarms` receives the errors in the log. */
async function openServers() {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-fuzz-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const operators = join(folder, 'operators.yaml');
  const password = cheapHash(PASSWORD);
  const all = new Map<string, OperatorEntry>(operatorRoles.map((role) => [role, { role, password }]));
  await saveOperators(operators, all);
  const csv = join(folder, 'export.csv');
  await writeFile(csv, rows);
  const programs = join(folder, 'programs.yaml');
  await writeFile(programs, `${readFileSync('examples/programs.yaml', 'utf8')}${moreOf(csv, folder)}`);

  const alarms: string[] = [];
  const log = makeLogger('warn', {
    write(line) {
      const { level } = JSON.parse(line) as { level: number };
      if (level > WARN) alarms.push(shortened(line));
    },
  });
  const metricsPort = await freePort();
  const bridge = await startBridge({
    faults: ['create:422x2', 'create:500x1'],
    env: {
      OPERATORS_FILE: operators,
      PROGRAMS_FILE: programs,
      METRICS_PORT: String(metricsPort),
      GATEWAY_WAIT_MS: '50',
      WEBHOOK_TOKEN,
      TRUST_PROXY: 'loopback',
    },
    log,
  });
  const file = loadProgramsFile(programs, 'UTC');
  const sources = loadSources(programs, {});
  const server = await bridge.passbridge.startWeb(file, () => sources);
  await bridge.passbridge.startMetrics(file);
  return { ...bridge, server, metricsUrl: `http://127.0.0.1:${metricsPort}`, alarms };
}

/** Shortens long runs of one character, which hostile texts have. */
export function shortened(text: string): string {
  return text.replaceAll(/(.)\1{20,}/g, '$1…').slice(0, 1500);
}

/** Opens the servers after one campaign of each kind, a bulk action, a draft and an upload. */
export async function openFuzzTarget() {
  const servers = await openServers();
  const { server, passbridge, config } = servers;
  const get = (path: string) => fetch(server.url + path, { headers: basic('admin') });
  const post = async <T>(path: string, body: unknown) => {
    const headers = { ...basic('admin'), 'content-type': 'application/json' };
    const answer = await fetch(server.url + path, { method: 'POST', body: JSON.stringify(body), headers });
    return (await answer.json()) as T;
  };

  const { id } = await servers.issue(rows);
  const second = await servers.start('issue', rows);
  const failures = (await (await get('/api/failures')).json()) as { causes: { cause: { id: string } }[] };
  const causes = failures.causes.map(({ cause }) => cause.id);
  const { bulkAction } = await post<{ bulkAction: { id: string } }>('/api/bulk-actions', {
    kind: 'retry',
    filter: { causes: ['PM_REFUSED'] },
    reason: 'fuzz',
  });
  const { draft } = await post<{ draft: { id: string } }>('/api/drafts', {
    program: 'loyalty',
    action: 'issue',
    source: 'drop',
  });
  const headers = { ...basic('admin'), 'tus-resumable': '1.0.0', 'upload-length': '3' };
  const made = await fetch(`${server.url}/uploads`, { method: 'POST', headers });
  const objects = {
    campaigns: [id, second],
    drafts: [draft.id],
    'bulk-actions': [bulkAction.id],
    schedules: ['nightly'],
    failures: causes,
    uploads: [made.headers.get('location')?.split('/').at(-1) ?? ''],
    assets: ['main.js', 'passbridge.css'],
    webhooks: ['bloomreach/loyalty/create', 'bloomreach/loyalty/notify'],
    accounts: [`${config.gateway.accountId}/passes`, `${config.gateway.accountId}/passes/p-1`],
    track: ['customers/events', 'batch'].map((end) => `v2/projects/${config.gateway.projectToken}/${end}`),
  };
  const vocabulary = await learnVocabulary(
    get,
    objects,
    await keyParts(passbridge.stores, [id, bulkAction.id]),
  );
  return {
    ...servers,
    vocabulary,
    endpoints: server.endpoints.map((endpoint): FuzzRoute => ({ ...endpoint, body: webhookBody })),
    pages: server.routes.map(({ method, path }): FuzzRoute => ({
      method,
      path,
      body: vocabulary.bodies.get(`${method} ${path}`),
    })),
  };
}

/** Returns parts of keys in Redis that start with one of the ids: none of them is an id. */
async function keyParts(
  { redis, prefix }: { redis: { keys(pattern: string): Promise<string[]> }; prefix: string },
  ids: readonly string[],
): Promise<string[]> {
  const keys = await redis.keys(`${prefix}*`);
  return ids.flatMap((id) =>
    keys.filter((key) => key.includes(`${id}:`)).map((key) => key.slice(key.indexOf(id))),
  );
}

/** Returns a path and those below it. */
function steps(path: string, names: readonly string[]): string[] {
  return ['', ...names].map((name) => path + name);
}

async function learnVocabulary(
  get: (path: string) => Promise<Response>,
  objects: Vocabulary['objects'] & Record<'campaigns' | 'drafts' | 'failures', readonly string[]>,
  parts: readonly string[],
) {
  const { bodies, names: parameters } = await learnBodies(get);
  const { names, values, forms } = await learnForms(get, [
    '/',
    '/campaigns',
    '/campaigns/new',
    '/attention',
    '/attention/unknown',
    '/attention/unknown/resolve',
    '/customers',
    '/activity',
    ...steps('/schedules', ['/nightly/run', '/nightly/enable', '/nightly/disable']),
    ...objects.campaigns.flatMap((id) => steps(`/campaigns/${id}`, ['/pause', '/resume', '/stop'])),
    ...objects.drafts.flatMap((id) => [`/campaigns/drafts/${id}`, `/campaigns/drafts/${id}/review`]),
    ...objects.failures.flatMap((id) =>
      steps(`/attention/${encodeURIComponent(id)}`, ['/retry', '/discard', '/edit']),
    ),
  ]);
  const ids = [...Object.values(objects).flat(), ...parts, 'loyalty', 'drop', 'a@x.example', 'registered a'];
  return {
    bodies,
    objects,
    forms,
    ids,
    names: [
      ...new Set([...parameters, ...names, 'states', 'page', 'after', 'to', 'csv', 'selected', 'import']),
    ],
    values: [...new Set([...values, ...ids, 'failed,unknown', 'on', 'yes', 'notify', 'job,pass_id\nx,y\n'])],
  } satisfies Vocabulary & { bodies: unknown };
}
