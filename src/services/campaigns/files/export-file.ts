/** Opens an export that a command names outside of a campaign, in the encoding that an operator has confirmed. */

import type { SourceEncoding } from '../../../domain/campaigns/campaign.ts';
import { UserError, type UserErrorCode } from '../../../kit/user-error.ts';
import { openFile, type SourceFile } from '../../../sources/open-file.ts';
import { EncodingError } from '../../../sources/source-error.ts';
import { sourceProblem } from './campaign-file.ts';

export interface ExportFile {
  /** Path of the export. */
  file: string;
  idTypes: readonly string[];
  /** Absent: UTF-8. */
  encoding?: SourceEncoding | undefined;
}

/** Throws a `SourceError`, as its rows do. */
export function openExport({ file, idTypes, encoding }: ExportFile): Promise<SourceFile> {
  return openFile(file, { idTypes, ...(encoding !== undefined && { encoding }) });
}

/** Returns what is wrong with an export and what to do; undefined if the error is not about the export. */
export function exportProblem(error: unknown): string | undefined {
  return error instanceof EncodingError ? confirmEncoding(error, '--encoding') : sourceProblem(error);
}

/** Returns the {@link UserError} for an export that cannot be read, or the error itself if it is about something else. */
export function refusedExport(error: unknown, code: UserErrorCode): unknown {
  const problem = exportProblem(error);
  return problem === undefined ? error : new UserError(code, problem);
}

/** Asks an operator to confirm the likeliest encoding. `option`: how the surface names the option. */
export function confirmEncoding({ statement, encoding }: EncodingError, option: string): string {
  return `${statement} If these names are right, set ${option} to ${encoding}; if not, try another encoding, or save the file as UTF-8.`;
}
