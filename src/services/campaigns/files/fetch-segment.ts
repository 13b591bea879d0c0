/** A segment as Bloomreach exports it now, on this machine's disk. */

import { UserError } from '../../../kit/user-error.ts';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExportResult, makeExportClient } from '../../../bloomreach/export.ts';
import type { Config } from '../../../config/config.ts';
import type { SegmentSource } from '../../../domain/campaigns/source-definition.ts';
import { systemClock } from '../../../kit/clock.ts';

interface FetchSegmentOptions {
  config: Pick<Config, 'bloomreach' | 'campaigns'>;
  columns: { ids: readonly string[]; attributes: readonly string[] };
  signal?: AbortSignal;
}

/** Bloomreach computes a large segment for minutes before it sends the first byte. */
const STALL_MS = 10 * 60_000;
const RETRY_DELAYS_MS = [10_000, 60_000, 300_000];

/** Throws a {@link UserError}. */
export async function fetchSegment(
  { name, segmentation, segment, format, attributes }: SegmentSource,
  spool: string,
  { config, columns, signal }: FetchSegmentOptions,
): Promise<string> {
  const { bloomreach, campaigns } = config;
  if (bloomreach === undefined) {
    throw new UserError(
      'FETCH_FAILED',
      `@${name} is exported by Bloomreach, and no BLOOMREACH_… setting is there.`,
    );
  }
  const client = makeExportClient({
    baseUrl: bloomreach.url,
    ...bloomreach,
    stallMs: STALL_MS,
    delaysMs: RETRY_DELAYS_MS,
    clock: systemClock,
    random: Math.random,
  });
  try {
    await mkdir(spool, { recursive: true });
    const path = join(spool, `segment-${name}-${randomUUID()}.${format === 'csv' ? 'csv' : 'json'}`);
    const order = {
      ids: columns.ids,
      attributes: [...new Set([...columns.attributes, ...attributes])],
      segmentation: segmentation === undefined ? undefined : { id: segmentation, index: segment },
      executionTime: Math.floor(systemClock() / 1000),
      timeZone: campaigns.timeZone,
      format,
    };
    refuseUnlessStored(name, await client.download(order, path, signal));
    return path;
  } finally {
    await client.close();
  }
}

function refuseUnlessStored(name: string, result: ExportResult): void {
  switch (result.kind) {
    case 'stored':
      return;
    case 'empty':
      throw new UserError('SOURCE_EMPTY', `@${name}: nobody is in the segment.`);
    case 'failed':
      throw new UserError('FETCH_FAILED', `@${name}: ${result.problem.code}: ${result.problem.message}`);
  }
}
