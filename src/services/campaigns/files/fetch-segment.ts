/** Downloads a segment from Bloomreach's export API. */

import { UserError } from '../../../kit/user-error.ts';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type ExportResult, makeExportClient } from '../../../bloomreach/export.ts';
import type { Config } from '../../../config/config.ts';
import type { SegmentSource } from '../../../domain/campaigns/source-definition.ts';
import { formatDuration } from '../../../domain/presentation/format.ts';
import { systemClock } from '../../../kit/clock.ts';
import { makePrivateFolder } from '../../../kit/files.ts';

interface FetchSegmentOptions {
  config: Pick<Config, 'bloomreach' | 'campaigns' | 'proxies'>;
  columns: { ids: readonly string[]; attributes: readonly string[] };
  signal?: AbortSignal;
  /** Receives why the fetch takes long: a clause without a full stop. */
  onWait?: ((why: string) => void) | undefined;
}

/** Timeout of the next byte: Bloomreach computes a large segment for minutes before it sends the first one. */
const STALL_MS = 10 * 60_000;
/** Small segments arrive within this time. */
const COMPUTING_AFTER_MS = 5000;
const RETRY_DELAYS_MS = [10_000, 60_000, 300_000];

/** Returns the path of the file. Throws a {@link UserError}: `SOURCE_EMPTY` for no customers, `FETCH_FAILED` for an error. */
export async function fetchSegment(
  { name, segmentation, segment, format, attributes }: SegmentSource,
  spool: string,
  { config, columns, signal, onWait }: FetchSegmentOptions,
): Promise<string> {
  const { bloomreach, campaigns, proxies } = config;
  if (bloomreach === undefined) {
    throw new UserError(
      'FETCH_FAILED',
      `@${name} is exported by Bloomreach, but the BLOOMREACH_… settings are missing. Set them.`,
    );
  }
  const client = makeExportClient({
    baseUrl: bloomreach.url,
    ...bloomreach,
    stallMs: STALL_MS,
    delaysMs: RETRY_DELAYS_MS,
    proxies,
    clock: systemClock,
    random: Math.random,
    onRetry: ({ code, message }, pauseMs) =>
      onWait?.(`@${name}: ${code}: ${message}; the next try is in ${formatDuration(pauseMs)}`),
  });
  const computing = setTimeout(() => {
    onWait?.(`@${name}: Bloomreach computes the export of the segment, which takes up to some minutes`);
  }, COMPUTING_AFTER_MS);
  try {
    await makePrivateFolder(spool);
    const path = join(spool, `segment-${name}-${randomUUID()}.${format === 'csv' ? 'csv' : 'json'}`);
    const request = {
      ids: columns.ids,
      attributes: [...new Set([...columns.attributes, ...attributes])],
      segmentation: segmentation === undefined ? undefined : { id: segmentation, index: segment },
      executionTime: Math.floor(systemClock() / 1000),
      timeZone: campaigns.timeZone,
      format,
    };
    throwUnlessStored(name, await client.download(request, path, signal));
    return path;
  } finally {
    clearTimeout(computing);
    await client.close();
  }
}

function throwUnlessStored(name: string, result: ExportResult): void {
  switch (result.kind) {
    case 'stored':
      return;
    case 'empty':
      throw new UserError('SOURCE_EMPTY', `@${name}: the segment has no customers.`);
    case 'failed':
      throw new UserError('FETCH_FAILED', `@${name}: ${result.problem.code}: ${result.problem.message}`);
  }
}
