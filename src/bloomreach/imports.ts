/**
 * Starts an import that was set up in Bloomreach, with another file than the one it was set up with:
 * https://documentation.bloomreach.com/engagement/reference/imports-2-1
 */

import { failure, type Failure, failureKinds } from '../domain/failures/failure.ts';
import type { HttpClient } from '../kit/http/http.ts';
import { batchFailure } from './failure-map.ts';
import { readError } from './wire.ts';

/** `repeat`: the same may be accepted later. */
export type ImportStart = { ok: true } | { ok: false; failure: Failure; repeat: boolean };

interface Options {
  http: HttpClient;
  /** Path of the call, below the base URL. Bloomreach's own connectors differ about it. */
  path: string;
  apiKeyId: string;
  apiSecret: string;
}

/** Makes the function that starts the import of a file by its address. */
export function makeStartImport({ http, path, apiKeyId, apiSecret }: Options) {
  const authorization = `Basic ${Buffer.from(`${apiKeyId}:${apiSecret}`).toString('base64')}`;
  return async (file: string): Promise<ImportStart> => {
    const body = JSON.stringify({ path: file, test_connection: false });
    const result = await http.send({ method: 'POST', path, headers: { authorization }, body });
    const trouble = batchFailure(result);
    if (trouble !== undefined) {
      // There is no such import, or this key may not start it.
      const repeat = failureKinds[trouble.code].repeat !== 'never' && trouble.status !== 404;
      return { ok: false, failure: trouble, repeat };
    }
    const text = result.answered ? result.text : '';
    if (isAccepted(text)) return { ok: true };
    return { ok: false, failure: failure('BR_BATCH_REFUSED', readError(text)), repeat: false };
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
