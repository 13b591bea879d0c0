/**
 * Fetches a segment from Bloomreach's export API into a file: one call, one streamed answer of any
 * length, in flat memory. Under its name the file is either whole or not there.
 */

import { retryDelay } from '../domain/jobs/retry.ts';
import { type Clock, sleep } from '../kit/clock.ts';
import { type DownloadResult, makeDownloader } from '../kit/http/http-download.ts';
import { openSpoolFile } from '../kit/spool-file.ts';
import { type ContentJudge, makeContentJudge } from './export-content.ts';
import { type ExportProblem, exportProblem, problemOfRefusal } from './export-problem.ts';
import { exportBody, type ExportOrder } from './export-request.ts';

export type ExportResult =
  | { kind: 'stored'; bytes: number }
  /** Nobody is in the segment: there is no file. */
  | { kind: 'empty' }
  | { kind: 'failed'; problem: ExportProblem };

export interface ExportClient {
  /**
   * Fetches into `path`, over any file that is there; one download at a time for each path. What may
   * pass by itself is tried again first. Once the signal aborts it ends as `aborted`.
   */
  download(order: ExportOrder, path: string, signal?: AbortSignal): Promise<ExportResult>;
  /** Waits for downloads under way, then closes the connections. */
  close(): Promise<void>;
}

interface ExportClientOptions {
  baseUrl: string;
  projectToken: string;
  apiKeyId: string;
  apiSecret: string;
  /** The longest silence, before the first byte as well as between two: Bloomreach computes it all first. */
  stallMs: number;
  /** Pauses before it is tried again, jittered; then what went wrong last is the result. */
  delaysMs: readonly number[];
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
}

/** Where Bloomreach asks for a longer pause, waiting is the caller's to decide. */
const LONGEST_PAUSE_MS = 5 * 60_000;

export function makeExportClient(options: ExportClientOptions): ExportClient {
  const { projectToken, apiKeyId, apiSecret, delaysMs, random } = options;
  const path = `/data/v2/projects/${encodeURIComponent(projectToken)}/customers/export`;
  const authorization = `Basic ${Buffer.from(`${apiKeyId}:${apiSecret}`).toString('base64')}`;
  const downloader = makeDownloader({ ...options, secrets: [projectToken] });

  const fetchInto = async (file: string, order: ExportOrder, signal?: AbortSignal): Promise<ExportResult> => {
    const judge = makeContentJudge(order.format);
    const spool = await openSpoolFile(file);
    let bytes = 0;
    try {
      const result = await downloader.download({
        method: 'POST',
        path,
        headers: { authorization },
        body: exportBody(order),
        signal,
        async take(piece) {
          judge.see(piece);
          bytes += piece.length;
          await spool.write(piece);
        },
      });
      const verdict = verdictOn(result, judge, order);
      if (verdict !== 'whole') return verdict;
      await spool.keep();
      return { kind: 'stored', bytes };
    } finally {
      await spool.close();
    }
  };

  return {
    async download(order, file, signal) {
      for (let attempt = 1; ; attempt += 1) {
        const result = await fetchInto(file, order, signal).catch(unwritable);
        if (result.kind !== 'failed' || !result.problem.repeat) return result;
        const pause = retryDelay(attempt, delaysMs, random(), result.problem.retryAfterMs);
        if (pause === undefined || pause > LONGEST_PAUSE_MS) return result;
        await sleep(pause, signal);
      }
    },
    close: downloader.close,
  };
}

const brokenBy = { stalled: 'stalled', connection: 'unreachable', aborted: 'aborted' } as const;

function verdictOn(
  result: DownloadResult,
  judge: ContentJudge,
  { format }: ExportOrder,
): ExportResult | 'whole' {
  if (result.kind === 'refused') return failed(problemOfRefusal(result));
  if (result.kind === 'broken') return failed(exportProblem(brokenBy[result.why], result.detail));
  const content = judge.verdict();
  switch (content.kind) {
    case 'refusal':
      return failed(problemOfRefusal({ status: 200, text: content.text }));
    case 'foreign':
      return failed(exportProblem('wrong-address', `it begins with ${JSON.stringify(content.start)}`));
    case 'cut':
      return failed(exportProblem('cut-short', `no ${format} ends there`));
    case 'empty':
    case 'rows':
      if (format === 'csv' && !result.measured) {
        return failed(exportProblem('unmeasured', 'it has neither a length nor chunks'));
      }
      return content.kind === 'rows' ? 'whole' : { kind: 'empty' };
  }
}

function failed(problem: ExportProblem): ExportResult {
  return { kind: 'failed', problem };
}

/** What comes of the network is a value before it gets here: a system's error is one of the file. */
function unwritable(error: unknown): ExportResult {
  if (error instanceof Error && 'syscall' in error) return failed(exportProblem('unwritable', error.message));
  throw error;
}
