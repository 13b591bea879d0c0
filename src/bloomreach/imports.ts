/**
 * Starts an import that is configured in Bloomreach, with another file than the configured one:
 * https://documentation.bloomreach.com/engagement/reference/imports-2-1
 */

import { failure, type Failure, failureKinds } from '../domain/failures/failure.ts';
import type { HttpClient } from '../kit/http/client.ts';
import { bloomreachFailure, readError } from './answers.ts';

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
    if (failed !== undefined) {
      // 404: there is no such import, or the API key may not start it.
      const retryable = failureKinds[failed.code].repeat !== 'never' && failed.status !== 404;
      return { ok: false, failure: failed, retryable };
    }
    const text = result.answered ? result.text : '';
    if (isAccepted(text)) return { ok: true };
    return { ok: false, failure: failure('BR_BATCH_REFUSED', readError(text)), retryable: false };
  };
}

/** HTTP 200 is not success here either. */
function isAccepted(text: string): boolean {
  try {
    return (JSON.parse(text) as { success?: unknown } | null)?.success === true;
  } catch {
    return false;
  }
}
