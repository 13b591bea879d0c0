import { inspect } from 'node:util';
import { expect } from 'vitest';
import { StoreError } from '../../../src/sources/remote/store-error.ts';

/** Returns the error with which the work was refused, after checking that it contains no secret. */
export async function refusalOf(
  work: Promise<unknown>,
  secrets: readonly string[] = [],
): Promise<StoreError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoreError)) throw new Error('the work was not refused', { cause: error });
  const everything = inspect(error, { depth: 20, showHidden: true, maxStringLength: null });
  for (const secret of secrets) expect(everything).not.toContain(secret);
  return error;
}
