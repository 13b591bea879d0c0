/** Reads the logo that a program's preview names: an image beside the programs file. */

import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { CardLogo } from '../../domain/cards/card-design.ts';
import type { Program } from '../../domain/jobs/program.ts';

/** Bytes. A logo is shown at 32 px. */
const MAX_BYTES = 512 * 1024;

/** First bytes of the image formats. SVG is none of them: it may contain scripts. */
const signatures: readonly { type: CardLogo['type']; matches: (bytes: Buffer) => boolean }[] = [
  { type: 'image/png', matches: (bytes) => bytes.subarray(1, 4).toString('latin1') === 'PNG' },
  { type: 'image/jpeg', matches: (bytes) => bytes.subarray(0, 3).toString('hex') === 'ffd8ff' },
  { type: 'image/webp', matches: (bytes) => bytes.subarray(8, 12).toString('latin1') === 'WEBP' },
];

/** Resolves with undefined if the program names no logo, or a file that is missing, too large or no image. */
export async function readLogo(
  program: Pick<Program, 'design'> | undefined,
  programsFile: string,
): Promise<CardLogo | undefined> {
  const logo = program?.design?.logo;
  if (logo === undefined) return undefined;
  const bytes = await readUpTo(resolve(dirname(programsFile), logo), MAX_BYTES).catch(() => undefined);
  const format = bytes && signatures.find(({ matches }) => matches(bytes));
  return bytes === undefined || format === undefined ? undefined : { type: format.type, bytes };
}

/** Resolves with undefined for a larger file, of which it reads no more than that, and for what is no file. */
async function readUpTo(path: string, limit: number): Promise<Buffer | undefined> {
  const file = await open(path, 'r');
  try {
    if (!(await file.stat()).isFile()) return undefined;
    const bytes = Buffer.alloc(limit + 1);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytesRead > limit ? undefined : bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
