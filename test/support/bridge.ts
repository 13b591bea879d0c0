/** passbridge's worker and feeder in the test process, with a real Redis and a sandbox over real sockets. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CampaignOptions } from '../../src/domain/campaigns/options/parse-options.ts';
import { openProcess } from '../../src/app/process.ts';
import { settingsFor } from '../../src/services/local-sandbox.ts';
import { isOver } from '../../src/cli/output/progress.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Logger } from '../../src/kit/logger.ts';
import { loadPrograms } from '../../src/programs/file/programs.ts';
import type { Campaign } from '../../src/domain/campaigns/campaign.ts';
import type { CampaignAction } from '../../src/domain/campaigns/campaign-action.ts';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { eventually } from './eventually.ts';
import { silent } from './make.ts';
import { sharedDataDir, testPrefix } from './redis.ts';
import { startTestCampaign } from './start-campaign.ts';

/** Generous, for a busy machine. */
const END_TIMEOUT_MS = 60_000;

interface BridgeOptions extends Omit<SandboxOptions, 'faults'> {
  /** Rules in the syntax of `passbridge sandbox --fault`. */
  faults?: readonly string[];
  /** Program of the campaigns. Default: `loyalty` of `examples/programs.yaml`. */
  program?: string;
  /** Settings that override those of the sandbox. */
  env?: Record<string, string>;
  /** The log of the process. Default: none. */
  log?: Logger;
}

/** Starts a worker and a feeder with `examples/programs.yaml` and a new sandbox. Everything stops when the test ends. */
export async function startBridge(bridgeOptions: BridgeOptions = {}) {
  const { faults = [], env = {}, program: name = 'loyalty', log = silent, ...sandboxOptions } = bridgeOptions;
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-bridge-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const rules = faults.map((text) => {
    const parsed = parseFaultRule(text);
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.rule;
  });
  const sandbox = await startSandbox({ ...sandboxOptions, faults: rules });
  onTestFinished(() => sandbox.close());
  const config = loadConfig({
    env: {
      DATA_DIR: sharedDataDir(),
      STORE_MARK_DIR: join(folder, 'marks'),
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
  if (program === undefined) throw new Error(`the programs file has no program ${name}`);
  const passbridge = await openProcess(config, { env: process.env, say: () => {} }, log);
  onTestFinished(() => passbridge.close());
  await passbridge.startWorker(config, { programs });
  await passbridge.startFeeder({ programs });

  let exports = 0;

  /** Starts a campaign over the rows of a CSV and returns its id. */
  const start = async (
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
    if (campaign === undefined) throw new Error(`no campaign ${id}`);
    return campaign;
  };

  /** Waits until the campaign has no job left to do: it is finished, held, paused or stopped. */
  const waitForEnd = (id: string, timeoutMs = END_TIMEOUT_MS): Promise<Campaign> =>
    eventually(async () => {
      const campaign = await find(id);
      if (!isOver(campaign)) throw new Error(`has not ended: ${JSON.stringify(campaign)}`);
      return campaign;
    }, timeoutMs);

  /** Starts a campaign over the rows of a CSV and waits until it has ended. */
  const run = async (
    action: CampaignAction,
    csv: string,
    { options = {}, timeoutMs = END_TIMEOUT_MS }: { options?: CampaignOptions; timeoutMs?: number } = {},
  ): Promise<Campaign> => waitForEnd(await start(action, csv, options), timeoutMs);

  return {
    sandbox,
    passbridge,
    config,
    programs,
    start,
    find,
    waitForEnd,
    run,
    issue: (csv: string, timeoutMs = END_TIMEOUT_MS) => run('issue', csv, { timeoutMs }),
    failures: (id: string) => passbridge.stores.campaigns.failures(id),
  };
}
