import { inspect } from 'node:util';
import { expect } from 'vitest';
import { StoreError } from '../../../src/sources/remote/store-error.ts';

/** Gives the error with which the work was refused, having made sure that no secret shows anywhere in it. */
export async function refusalOf(
  work: Promise<unknown>,
  secrets: readonly string[] = [],
): Promise<StoreError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoreError)) throw new Error('it was not refused', { cause: error });
  const everything = inspect(error, { depth: 20, showHidden: true, maxStringLength: null });
  for (const secret of secrets) expect(everything).not.toContain(secret);
  return error;
}
