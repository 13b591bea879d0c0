/** What errors of S3 and of those who speak its language mean to the user. */

import { S3ServiceException } from '@aws-sdk/client-s3';
import { brokenConnection, type StoreCode, StoreError } from './store-error.ts';

/** Codes of S3's error answers: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const answers: Readonly<Record<string, StoreCode>> = {
  InvalidAccessKeyId: 'STORE_KEY_REFUSED',
  SignatureDoesNotMatch: 'STORE_KEY_REFUSED',
  RequestTimeTooSkewed: 'STORE_KEY_REFUSED',
  ExpiredToken: 'STORE_KEY_REFUSED',
  InvalidToken: 'STORE_KEY_REFUSED',
  AccessDenied: 'STORE_FORBIDDEN',
  NoSuchBucket: 'STORE_NOT_FOUND',
  PermanentRedirect: 'STORE_NOT_FOUND',
  NoSuchKey: 'STORE_FILE_GONE',
  PreconditionFailed: 'STORE_FILE_CHANGED',
  SlowDown: 'STORE_BUSY',
};

/** The error in the user's words, or nothing where it is a bug of ours. */
export function s3Refusal(place: string, error: unknown): StoreError | undefined {
  if (error instanceof StoreError) return error;
  if (error instanceof S3ServiceException) {
    const status = error.$metadata.httpStatusCode ?? 0;
    const code = answers[error.name] ?? byStatus(status);
    // Not as its cause: the client's errors carry the signed request.
    return new StoreError(code, place, `${error.name}, ${status}`);
  }
  const broken = brokenConnection(place, error);
  if (broken !== undefined) return broken;
  // How the client's own connections tell that nothing came in time.
  return error instanceof Error && error.name === 'TimeoutError'
    ? new StoreError('STORE_STALLED', place)
    : undefined;
}

function byStatus(status: number): StoreCode {
  if (status >= 500 || status === 429) return 'STORE_BUSY';
  if (status === 403) return 'STORE_FORBIDDEN';
  if (status === 404 || status === 301) return 'STORE_NOT_FOUND';
  if (status === 412) return 'STORE_FILE_CHANGED';
  return 'STORE_REFUSED';
}
