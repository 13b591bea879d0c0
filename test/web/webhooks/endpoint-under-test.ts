/** The HTTP server with a fake ledger: `accepted` lists the requests that it stored. */

import { resolve } from 'node:path';
import { request as sendRequest } from 'undici';
import { onTestFinished } from 'vitest';
import { loadPrograms } from '../../../src/programs/file/programs.ts';
import type { WebhookRequest } from '../../../src/domain/jobs/webhook-request.ts';
import type { JobAnswer } from '../../../src/domain/jobs/outcome.ts';
import type { EventDelivery, EventAck } from '../../../src/ledger/intake/event-inbox.ts';
import type { Access } from '../../../src/web/webhooks/credentials.ts';
import { startWebServer } from '../../../src/web/server.ts';
import { silent } from '../../support/make.ts';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: {
    success?: boolean;
    result?: { job_id: string };
    results?: { success: boolean; job_id?: string; errors?: { code: string }[] }[];
    errors?: { code: string; description: string }[];
    data?: unknown;
  };
}

interface Sent {
  path?: string;
  body?: unknown;
  method?: string;
  headers?: Record<string, string>;
}

export const TOKEN = 'let-me-in';
export const ACCOUNT = 'acc-1';
export const PROJECT = 'project-1';

export const customer = (n: number | string, more: object = {}) => ({
  customer_ids: { registered: `w-${n}` },
  customer: { first_name: 'Žofie', last_name: 'Nováková', email: `w-${n}@example.com`, id: '7' },
  ...more,
});

export async function startEndpoint({
  waitMs = 0,
  access = {},
}: { waitMs?: number; access?: Partial<Access> } = {}) {
  const accepted: WebhookRequest[] = [];
  const byKey = new Map<string, { id: string; content: string }>();
  const events: EventDelivery[] = [];
  const waits: { job: string; ms: number }[] = [];
  const ledger: {
    isDown: boolean;
    answers?: Promise<unknown>;
    answer?: JobAnswer;
    eventAck: EventAck | 'other-customer';
  } = { isDown: false, eventAck: 'stored' };
  const programs = loadPrograms(resolve('examples/programs.yaml'));
  const server = await startWebServer({
    host: '127.0.0.1',
    port: 0,
    access: { basic: { username: 'user', password: 'pass' }, token: TOKEN, isProxied: false, ...access },
    programs: () => programs,
    idTypes: ['registered'],
    receive: async ({ request, key }) => {
      if (ledger.isDown) throw new Error('Redis is not connected');
      const content = JSON.stringify(request);
      const known = byKey.get(key ?? content);
      if (known !== undefined) {
        return known.content === content ? { kind: 'known', id: known.id } : { kind: 'conflict' };
      }
      accepted.push(request);
      const id = `job-${accepted.length}`;
      byKey.set(key ?? content, { id, content });
      await ledger.answers;
      return { kind: 'new', job: { id } };
    },
    accountId: ACCOUNT,
    projectToken: PROJECT,
    waitMs,
    importBatches: {
      contents: async function* () {},
      serve: async function* () {},
      markDelivered: async () => {},
    },
    answerTo: async (job, ms) => {
      waits.push({ job, ms });
      return ledger.answer;
    },
    jobIdKeys: () => new Set(['passbridge_job', 'origin']),
    eventPaths: { passId: ['pass_id', 'pass.id'], link: ['link'] },
    receiveEvent: async (delivery) => {
      if (ledger.isDown) throw new Error('Redis is not connected');
      events.push(delivery);
      return ledger.eventAck;
    },
    log: silent,
    isQuiet: () => false,
    unreadiness: async () => undefined,
    problem: () => undefined,
    health: async () => 'idle' as const,
    metrics: async () => '',
  });
  onTestFinished(() => server.stop());

  const send = async ({
    path = '/webhooks/bloomreach/loyalty/create',
    body = '',
    method = 'POST',
    headers = {},
  }: Sent): Promise<Answer> => {
    const response = await sendRequest(server.url + path, {
      method,
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${TOKEN}`,
        ...headers,
      },
      ...(method !== 'GET' && {
        body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      }),
    });
    return {
      status: response.statusCode,
      headers: response.headers,
      body: JSON.parse((await response.body.text()) || '{}') as Answer['body'],
    };
  };
  return { server, send, accepted, events, waits, ledger };
}
