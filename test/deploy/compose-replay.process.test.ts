/** Runs compose.rehearsal.yaml as processes: a campaign, webhooks and a sign-in must work. */

import { request } from 'undici';
import { expect, it } from 'vitest';
import type { summarize } from '../../src/sandbox/witness-summary.ts';
import { eventually } from '../support/eventually.ts';
import { basicAuth } from '../support/basic-auth.ts';
import { annotateReport } from '../support/witness-report.ts';
import { readProject } from './compose-file.ts';
import { openComposeRun } from './compose-run.ts';

/** Of the 300 rows of examples/customers.csv: 4 are skipped and 2 are rejected on purpose. */
const CARDS = 294;
const REQUESTS = 50;
const PASSWORD = 'twelve characters';

interface Campaigns {
  campaigns: { rows: number; pending: number; done: number; unknown: number }[];
}

async function fetchJson<T>(url: string, options: Parameters<typeof request>[1] = {}): Promise<T> {
  const { statusCode, body } = await request(url, options);
  const text = await body.text();
  expect(statusCode, text).toBe(200);
  return JSON.parse(text) as T;
}

// Only Linux has the whole of 127.0.0.0/8 on loopback.
it.skipIf(process.platform !== 'linux')(
  'compose.rehearsal.yaml starts services that work together and stop in order',
  async (context) => {
    const compose = await openComposeRun(readProject('compose.yaml', 'compose.rehearsal.yaml'));
    const services = ['sandbox', 'web', 'worker', 'feeder'];
    await Promise.all(services.map(compose.up));
    const web = `http://${compose.addressOf('web')}:3000`;

    const requests = Array.from({ length: REQUESTS }, (_, index) => ({
      customer_ids: { registered: `w-${index}` },
      customer: { first_name: 'Iva', last_name: 'Nová', email: `w-${index}@example.com`, id: String(index) },
    }));
    await fetchJson(`${web}/webhooks/bloomreach/loyalty/create`, {
      method: 'POST',
      headers: { authorization: 'Bearer rehearsal', 'content-type': 'application/json' },
      body: JSON.stringify(requests),
    });
    const issued = await compose.run('feeder', ['issue', 'loyalty', '/config/customers.csv']);
    // Some rows are rejected.
    expect(issued.code, issued.stderr).toBe(1);

    const operator = ['operators', 'add', 'Iva', '--role', 'viewer'];
    expect((await compose.run('web', operator, PASSWORD)).stdout).toContain('Iva may sign in');
    const authorization = basicAuth('Iva', PASSWORD);
    const { campaigns } = await eventually(async () => {
      const found = await fetchJson<Campaigns>(`${web}/api/campaigns`, { headers: { authorization } });
      expect(found.campaigns.map(({ pending }) => pending)).toEqual([0, 0]);
      return found;
    }, 60_000);

    const control = `http://${compose.addressOf('sandbox')}:4010/_sandbox`;
    const passes = await fetchJson<{ customer: string }[]>(`${control}/passes`);
    const witness = await fetchJson<ReturnType<typeof summarize>>(`${control}/witness`);
    const sum = (count: 'rows' | 'done' | 'unknown') =>
      campaigns.reduce((total, campaign) => total + campaign[count], 0);
    const served = new Set(passes.map(({ customer }) => customer));
    const report = {
      rows: sum('rows'),
      done: sum('done'),
      unknown: sum('unknown'),
      cards: served.size,
      lost: requests.map((each) => each.customer_ids.registered).filter((customer) => !served.has(customer)),
      duplicated: witness.doubles,
      maxInFlight: witness.maxInFlightAll,
    };
    await annotateReport(context, 'compose.yaml as processes', report);
    expect(report).toMatchObject({ done: CARDS + REQUESTS, cards: CARDS + REQUESTS, unknown: 0 });
    expect(report).toMatchObject({ lost: [], duplicated: [], maxInFlight: 10 });

    // Services are stopped before their dependencies.
    expect(await Promise.all(services.map(compose.stop))).toEqual([[0], [0], [0, 0], [0]]);
    expect(await compose.stop('redis')).toEqual([0]);
    expect(await compose.strayFiles()).toEqual([]);
  },
  120_000,
);
