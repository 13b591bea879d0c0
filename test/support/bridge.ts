/** The whole pipe in this process, between a real Redis and a sandbox over real sockets. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CampaignOptions } from '../../src/domain/campaigns/options/parse-options.ts';
import { openProcess } from '../../src/app/process.ts';
import { settingsFor } from '../../src/services/local-sandbox.ts';
import { isOver } from '../../src/cli/output/progress.ts';
import { loadConfig } from '../../src/config/load.ts';
import { loadPrograms } from '../../src/programs/file/programs.ts';
import type { Campaign, CampaignAction } from '../../src/domain/campaigns/campaign.ts';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { eventually } from './eventually.ts';
import { silent } from './make.ts';
import { sharedDataDir, testPrefix } from './redis.ts';
import { startTestCampaign } from './start-campaign.ts';

interface BridgeOptions extends Omit<SandboxOptions, 'faults'> {
  /** Rules as text. */
  faults?: readonly string[];
  /** The program that campaigns are of; by default the one of `examples/programs.yaml`. */
  program?: string;
  /** Settings on top of the sandbox's. */
  env?: Record<string, string>;
}

/** Starts a worker and a feeder of `examples/programs.yaml` against a new sandbox; all stops with the test. */
export async function startBridge(bridgeOptions: BridgeOptions = {}) {
  const { faults = [], env = {}, program: name = 'loyalty', ...options } = bridgeOptions;
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-bridge-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const rules = faults.map((text) => {
    const parsed = parseFaultRule(text);
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.rule;
  });
  const sandbox = await startSandbox({ ...options, faults: rules });
  onTestFinished(() => sandbox.close());
  const config = loadConfig({
    env: {
      DATA_DIR: sharedDataDir(),
      QUEUE_PREFIX: testPrefix(),
      PROGRAMS_FILE: resolve('examples/programs.yaml'),
      PORT: '0',
      RETRY_DELAYS: '0.1,0.1,0.1',
      WRITEBACK_MAX_WAIT_MS: '200',
      ...settingsFor(sandbox),
      ...env,
    },
    cwd: folder,
    need: ['passmachine', 'bloomreach'],
  });
  const programs = loadPrograms(config.files.programs);
  const program = programs.get(name);
  if (program === undefined) throw new Error(`the example lost its program ${name}`);
  const passbridge = await openProcess(config, { env: process.env, say: () => {} }, silent);
  onTestFinished(() => passbridge.close());
  await passbridge.startWorker(config, { programs });
  await passbridge.startFeeder({ programs });

  let exports = 0;

  /** Starts an action over the rows of a CSV; returns the campaign's id. */
  const begin = async (
    action: CampaignAction,
    csv: string | Buffer,
    options: CampaignOptions = {},
  ): Promise<string> => {
    const file = join(folder, `export-${(exports += 1)}.csv`);
    await writeFile(file, csv);
    return startTestCampaign(passbridge.stores, { config, program, action, file, options });
  };

  const find = async (id: string): Promise<Campaign> => {
    const campaign = await passbridge.stores.campaigns.find(id);
    if (campaign === undefined) throw new Error(`there is no campaign ${id}`);
    return campaign;
  };

  /** Waits until nothing of it is at work any more. */
  const over = (id: string, timeoutMs = 25_000): Promise<Campaign> =>
    eventually(async () => {
      const campaign = await find(id);
      if (!isOver(campaign)) throw new Error(`not over: ${JSON.stringify(campaign)}`);
      return campaign;
    }, timeoutMs);

  /** Runs an action over the rows of a CSV and waits until all is over. */
  const run = async (
    action: CampaignAction,
    csv: string,
    { options = {}, timeoutMs = 25_000 }: { options?: CampaignOptions; timeoutMs?: number } = {},
  ): Promise<Campaign> => over(await begin(action, csv, options), timeoutMs);

  return {
    sandbox,
    passbridge,
    config,
    programs,
    begin,
    find,
    over,
    run,
    issue: (csv: string, timeoutMs = 25_000) => run('issue', csv, { timeoutMs }),
    failures: (id: string) => passbridge.stores.campaigns.failures(id),
  };
}
