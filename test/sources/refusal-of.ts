import { openFile } from '../../src/sources/open-file.ts';
import { SourceError } from '../../src/sources/source-error.ts';
import { allOf } from './all-of.ts';

/** Reads the whole file and returns the message with which it was refused. */
export async function refusalOf(path: string, idTypes: readonly string[] = ['registered']): Promise<string> {
  try {
    const file = await openFile(path, { idTypes });
    await allOf(file.rows());
  } catch (error) {
    if (error instanceof SourceError) return error.message;
    throw error;
  }
  throw new Error(`${path} was not refused`);
}
