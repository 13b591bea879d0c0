/** The file of a campaign cannot be opened for a while, in mid-campaign. */

import { rename, rm, symlink } from 'node:fs/promises';
import { sleep } from '../../../src/kit/clock.ts';
import type { Campaign } from '../../../src/domain/campaigns/campaign.ts';
import type { Scenario } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';

/** Several chunks of the file, so that most of it is still to be read when it disappears. */
const rowsOf = { short: 2000, full: 8000 };
const outageMs = { short: 3000, full: 60_000 };
const POLL_MS = 50;
const PROBLEM_TIMEOUT_MS = 120_000;

export const sourceTrouble: Scenario = {
  name: 'source fails',
  description:
    'the file of a running campaign cannot be opened for a while, a kill -9 meanwhile; it continues automatically',
  testbed: { latencyMs: 20 },
  processes: 2,
  async play(testbed, size, processes) {
    const rows = rowsOf[size];
    const id = await testbed.startCampaign(rows);
    await until(testbed, id, ({ done }) => done >= 100);
    const { source } = await testbed.campaign(id);
    if (source.kind !== 'file') throw new Error('the campaign has no file');
    const { path } = source;
    // A link to itself: an error that names no cause that an operator could remove, so reading is retried.
    await rename(path, `${path}.away`);
    await symlink(path, path);
    const { status } = await until(testbed, id, ({ feedProblem }) => feedProblem !== undefined);
    const [victim] = processes.workers;
    await victim?.kill();
    victim?.start();
    await sleep(outageMs[size]);
    const { feedProblem } = await until(testbed, id, (found) => (found.feedProblem?.attempts ?? 0) >= 2);
    await rm(path);
    await rename(`${path}.away`, path);
    const ended = await testbed.waitForEnd(id, 300_000);
    return {
      id,
      rows,
      kills: 1,
      figures: { 'failed attempts to read it': String(feedProblem?.attempts) },
      problems: [
        ...(status === 'running' ? [] : [`the campaign was ${status} while its file could not be read`]),
        ...(ended.feedProblem === undefined ? [] : ['the reason was not cleared']),
      ],
    };
  },
};

async function until(
  testbed: Testbed,
  id: string,
  isReached: (campaign: Campaign) => boolean,
): Promise<Campaign> {
  const deadline = performance.now() + PROBLEM_TIMEOUT_MS;
  for (;;) {
    const campaign = await testbed.campaign(id);
    if (isReached(campaign)) return campaign;
    if (performance.now() > deadline) throw new Error(`not reached: ${JSON.stringify(campaign)}`);
    await sleep(POLL_MS);
  }
}
