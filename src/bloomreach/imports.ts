/**
 * Starts an import that is configured in Bloomreach, with another file than the configured one:
 * https://documentation.bloomreach.com/engagement/reference/imports-2-1
 */

import { type Failure, failureKinds } from '../domain/failures/failure.ts';
import { parseExactJson } from '../kit/json/exact-json.ts';
import type { HttpClient, HttpResult } from '../kit/http/client.ts';
import { answerWithoutResults, bloomreachFailure } from './answers.ts';

/** `retryable`: the same request may be accepted later. */
export type ImportStart = { ok: true } | { ok: false; failure: Failure; retryable: boolean };

interface Options {
  http: HttpClient;
  /** Path of the call, below the base URL. It is configurable because Bloomreach's own connectors disagree on it. */
  path: string;
  apiKeyId: string;
  apiSecret: string;
}

/** Makes the function that starts the import of a file, given its URL. */
export function makeStartImport({ http, path, apiKeyId, apiSecret }: Options) {
  const authorization = `Basic ${Buffer.from(`${apiKeyId}:${apiSecret}`).toString('base64')}`;
  return async (fileUrl: string): Promise<ImportStart> => {
    const body = JSON.stringify({ path: fileUrl, test_connection: false });
    const result = await http.send({ method: 'POST', path, headers: { authorization }, body });
    const failed = bloomreachFailure(result);
    if (failed !== undefined) return refused(failed);
    return isAccepted(result) ? { ok: true } : refused(answerWithoutResults(result));
  };
}

/** 404: there is no such import, or the API key may not start it. */
function refused(why: Failure): ImportStart {
  const retryable = failureKinds[why.code].repeat !== 'never' && why.status !== 404;
  return { ok: false, failure: why, retryable };
}

/** HTTP 200 is not success here either. */
function isAccepted(result: HttpResult): boolean {
  try {
    return result.answered && (parseExactJson(result.text) as { success?: unknown } | null)?.success === true;
  } catch {
    return false;
  }
}
