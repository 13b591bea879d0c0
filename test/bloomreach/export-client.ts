/** An export client for a sandbox or another server, with a temporary folder. Everything is closed when the test ends. */

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type ExportOrder, makeExportClient } from '../../src/bloomreach/export.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';
import { sandboxCredentials, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';

export const order: ExportOrder = {
  ids: ['registered'],
  attributes: ['first_name'],
  segmentation: undefined,
  executionTime: 1_763_855_000,
  timeZone: 'Europe/Prague',
  format: 'native_json',
};

type ClientOptions = Partial<Parameters<typeof makeExportClient>[0]>;

/** Makes up to three attempts, with short delays. Downloads into `path` or into a file in a new folder. */
export async function startClient({
  path: given,
  ...options
}: ClientOptions & { baseUrl: string; path?: string }) {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-export-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const client = makeExportClient({
    ...sandboxCredentials,
    stallMs: 300,
    delaysMs: [1, 1],
    clock: systemClock,
    random: () => 0,
    ...options,
  });
  onTestFinished(() => client.close());
  const path = given ?? join(folder, 'segment');
  return {
    path,
    folder,
    files: () => readdir(folder),
    download: (more: Partial<ExportOrder> = {}, signal?: AbortSignal) =>
      client.download({ ...order, ...more }, path, signal),
  };
}

/** A sandbox with a fault given as text, and its client. */
export async function startBoth(
  options: SandboxOptions & { fault?: string } = {},
  client: ClientOptions = {},
) {
  const { fault, ...more } = options;
  const sandbox = await startSandbox(more);
  onTestFinished(() => sandbox.close());
  const rule = fault === undefined ? undefined : parseFaultRule(fault);
  if (rule?.ok === false) throw new Error(rule.error);
  if (rule !== undefined) sandbox.faults.add(rule.rule);
  return { sandbox, ...(await startClient({ baseUrl: sandbox.bloomreachUrl, ...client })) };
}
