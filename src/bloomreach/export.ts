/**
 * Downloads a segment through Bloomreach's export API into a file: one call and one streamed answer of any length,
 * in constant memory. The file appears under its path only if it is complete.
 */

import { retryDelay } from '../domain/jobs/retry.ts';
import { type Clock, sleep } from '../kit/clock.ts';
import { openAtomicFile } from '../kit/files.ts';
import { type DownloadResult, makeDownloader } from '../kit/http/download.ts';
import type { ProxySettings } from '../kit/http/proxy.ts';
import { type ContentClassifier, type ExportFormat, makeContentClassifier } from './export-content.ts';
import { type ExportProblem, exportProblem, problemOfRefusal } from './export-problem.ts';

export interface ExportOrder {
  /** Id types; the first one identifies the customer. */
  ids: readonly string[];
  /** Customer attributes. One that has the name of an id type is that id. */
  attributes: readonly string[];
  /** Undefined for all customers. `index` counts from 0; -1 means customers in none of its segments. */
  segmentation: { id: string; index: number } | undefined;
  /** Unix seconds as of which segments are computed, so that a repeated export contains the same customers. */
  executionTime: number;
  /** IANA name. */
  timeZone: string;
  format: ExportFormat;
}

export type ExportResult =
  | { kind: 'stored'; bytes: number }
  /** The segment is empty: there is no file. */
  | { kind: 'empty' }
  | { kind: 'failed'; problem: ExportProblem };

export interface ExportClient {
  /**
   * Downloads into `path` and replaces any file there; one download at a time per path. Retries transient problems.
   * Returns `aborted` if the signal aborts.
   */
  download(order: ExportOrder, path: string, signal?: AbortSignal): Promise<ExportResult>;
  /** Waits for downloads in progress, then closes the connections. */
  close(): Promise<void>;
}

interface ExportClientOptions {
  baseUrl: string;
  projectToken: string;
  apiKeyId: string;
  apiSecret: string;
  /** Idle timeout, also before the first byte: Bloomreach computes the whole export before it answers. */
  stallMs: number;
  /** Delays before retries, jittered. After the last retry its problem is the result. */
  delaysMs: readonly number[];
  /** By default every call is direct. */
  proxies?: ProxySettings;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  /** Called before the pause (ms) that follows a transient problem. */
  onRetry?: (problem: ExportProblem, pauseMs: number) => void;
}

/** If Bloomreach asks for a longer pause, the caller decides whether to wait. */
const MAX_PAUSE_MS = 5 * 60_000;

export function makeExportClient(options: ExportClientOptions): ExportClient {
  const { projectToken, apiKeyId, apiSecret, delaysMs, random } = options;
  const path = `/data/v2/projects/${encodeURIComponent(projectToken)}/customers/export`;
  const authorization = `Basic ${Buffer.from(`${apiKeyId}:${apiSecret}`).toString('base64')}`;
  const downloader = makeDownloader({ ...options, secrets: [projectToken] });

  const downloadOnce = async (
    target: string,
    order: ExportOrder,
    signal?: AbortSignal,
  ): Promise<ExportResult> => {
    const content = makeContentClassifier(order.format);
    const file = await openAtomicFile(target);
    let bytes = 0;
    try {
      const result = await downloader.download({
        method: 'POST',
        path,
        headers: { authorization },
        body: exportBody(order),
        signal,
        async onChunk(chunk) {
          content.add(chunk);
          bytes += chunk.length;
          await file.write(chunk);
        },
      });
      const rejected = checkDownload(result, content, order.format);
      if (rejected !== undefined) return rejected;
      await file.commit();
      return { kind: 'stored', bytes };
    } finally {
      await file.close();
    }
  };

  return {
    async download(order, target, signal) {
      for (let attempt = 1; ; attempt += 1) {
        const result = await downloadOnce(target, order, signal).catch(fileProblem);
        if (result.kind !== 'failed' || !result.problem.retryable) return result;
        const pause = retryDelay(attempt, delaysMs, random(), result.problem.retryAfterMs);
        if (pause === undefined || pause > MAX_PAUSE_MS) return result;
        options.onRetry?.(result.problem, pause);
        await sleep(pause, signal);
      }
    },
    close: downloader.close,
  };
}

/** The only literal that no copy of Bloomreach's page shows: it was blank there. */
const SEGMENT_FILTER = 'segment';

/** The request body, by https://documentation.bloomreach.com/engagement/reference/export-all-customers-2. */
function exportBody(order: ExportOrder): string {
  const { ids, attributes, segmentation, executionTime, timeZone, format } = order;
  const properties = attributes.filter((name) => !ids.includes(name));
  return JSON.stringify({
    attributes: {
      type: 'some',
      list: [
        ...ids.map((id) => ({ type: 'id', id })),
        ...properties.map((property) => ({ type: 'property', property })),
      ],
    },
    ...(segmentation !== undefined && {
      filter: {
        type: SEGMENT_FILTER,
        segmentation_id: segmentation.id,
        segment_index: segmentation.index,
      },
    }),
    execution_time: executionTime,
    timezone: timeZone,
    format,
  });
}

const brokenDownloadCodes = { stalled: 'stalled', connection: 'unreachable', aborted: 'aborted' } as const;

/** Returns undefined if the download is a complete file with rows. */
function checkDownload(
  result: DownloadResult,
  content: ContentClassifier,
  format: ExportFormat,
): ExportResult | undefined {
  if (result.kind === 'refused') return failed(problemOfRefusal(result));
  if (result.kind === 'broken') {
    return failed(exportProblem(brokenDownloadCodes[result.reason], result.detail));
  }
  const found = content.result();
  switch (found.kind) {
    case 'refusal':
      return failed(problemOfRefusal({ status: 200, text: found.text }));
    case 'foreign':
      return failed(exportProblem('wrong-address', `it starts with ${JSON.stringify(found.start)}`));
    case 'truncated':
      return failed(exportProblem('truncated', `no ${format} ends there`));
    case 'empty':
    case 'rows':
      if (format === 'csv' && !result.hasLength) {
        return failed(exportProblem('no-length', 'it has neither a Content-Length nor chunks'));
      }
      return found.kind === 'rows' ? undefined : { kind: 'empty' };
  }
}

function failed(problem: ExportProblem): ExportResult {
  return { kind: 'failed', problem };
}

/** Network errors are values already, so a system error is one of the file. */
function fileProblem(error: unknown): ExportResult {
  if (error instanceof Error && 'syscall' in error) return failed(exportProblem('unwritable', error.message));
  throw error;
}
