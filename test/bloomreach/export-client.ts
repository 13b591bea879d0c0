/** An export client over a sandbox or another address, with a folder for its files; all ends with the test. */

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ExportOrder } from '../../src/bloomreach/export-request.ts';
import { makeExportClient } from '../../src/bloomreach/export.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { parseFaultRule } from '../../src/sandbox/fault-text.ts';
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

/** Tries three times, quickly, into `path` or a file of a new folder. */
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
    /** What is in the folder. */
    files: () => readdir(folder),
    download: (more: Partial<ExportOrder> = {}, signal?: AbortSignal) =>
      client.download({ ...order, ...more }, path, signal),
  };
}

/** A sandbox with faults as text, and its client. */
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
