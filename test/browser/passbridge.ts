/** A running passbridge with a dashboard: real processes, and a sandbox for Passmachine and Bloomreach. */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { makeWorkspace, printed } from '../support/cli.ts';
import { printedDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';

interface StartOptions extends Omit<SandboxOptions, 'faults'> {
  /** Fault rules as text. */
  faults?: readonly string[];
  env?: Record<string, string>;
}

const schedules = `
schedules:
  nightly:
    program: loyalty
    action: issue
    source: { file: nightly.csv }
    cron: '30 2 * * *'
`;

/** Runs `passbridge up` with the example programs and one schedule, `nightly`, over `nightly.csv` with three customers. */
export async function startPassbridge({ faults = [], env = {}, ...options }: StartOptions = {}) {
  const workspace = await makeWorkspace({ ...options, faults: faults.map(ruleOf) });
  await workspace.write(
    'programs.yaml',
    (await readFile(resolve('examples/programs.yaml'), 'utf8')) + schedules,
  );
  await workspace.write('nightly.csv', customers(3, 'n'));
  const settings = { PROGRAMS_FILE: 'programs.yaml', RETRY_DELAYS: '0.1,0.1', UPLOAD_MAX_MB: '20', ...env };
  const up = workspace.start(['up'], settings);
  const [, url = ''] = await printed(up, /is up at (\S+)/);
  const hasOperators = 'OPERATORS_FILE' in settings;
  const dashboard = hasOperators ? { address: url, bearer: {} } : await printedDashboard(up);
  return {
    ...workspace,
    up,
    url,
    dashboard,
    settings,
    run: (args: readonly string[], input?: string) => workspace.run(args, settings, input),
  };
}

export type RunningPassbridge = Awaited<ReturnType<typeof startPassbridge>>;

/** Starts a passbridge with failures of every kind, a finished campaign, and one that keeps running. */
export async function startBusyPassbridge(): Promise<RunningPassbridge> {
  const passbridge = await startPassbridge({
    faults: ['create:422~c1[0-9]?@house', 'create:reset-after~c2@house', 'create:404x3'],
    latencyMs: 300,
  });
  await passbridge.write(
    'export.csv',
    `${customers(60, 'c', (row) => (row === 1 ? '<b>Bold</b>' : 'Žofie'))},NoId,X,x@house.example,1\n`,
  );
  const id = await startCampaign(passbridge, ['loyalty', 'export.csv', '--pause-at', '0']);
  await waitForStatus(passbridge, id, 'finished');
  await passbridge.write('autumn.csv', customers(9000, 'a'));
  await startCampaign(passbridge, ['loyalty', 'autumn.csv']);
  return passbridge;
}

/** Starts a campaign that is held after its first customer. Resolves with its id. */
export async function holdCampaign(passbridge: RunningPassbridge): Promise<string> {
  await passbridge.write('few.csv', customers(5, 'f'));
  const id = await startCampaign(passbridge, ['loyalty', 'few.csv', '--canary', '1']);
  await waitForStatus(passbridge, id, 'held');
  return id;
}

/** Starts an `issue` campaign in the background. Resolves with its id. */
export async function startCampaign({ run }: RunningPassbridge, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(['issue', ...args, '--detach']);
  const [id] = /^\S+(?=:)/.exec(stdout) ?? [];
  if (id === undefined) throw new Error(`no campaign was started: ${stdout}${stderr}`);
  return id;
}

async function waitForStatus(
  { url, dashboard }: RunningPassbridge,
  id: string,
  status: string,
): Promise<void> {
  await eventually(async () => {
    const { campaign } = (await (
      await fetch(`${url}/api/campaigns/${id}`, { headers: dashboard.bearer })
    ).json()) as {
      campaign: { status: string };
    };
    if (campaign.status !== status) throw new Error(`${id} is ${campaign.status}, not ${status}`);
  }, 60_000);
}

/** Returns an export of customers. */
export function customers(
  count: number,
  prefix: string,
  firstName: (row: number) => string = () => 'Žofie',
): string {
  const rows = Array.from(
    { length: count },
    (_, row) => `${prefix}-${row},${firstName(row)},Nováková,${prefix}${row}@house.example,${row}`,
  );
  return ['registered,first_name,last_name,email,id', ...rows, ''].join('\n');
}

function ruleOf(text: string) {
  const parsed = parseFaultRule(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.rule;
}
