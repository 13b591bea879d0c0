/** Opens the file behind a campaign and compiles its condition, in whichever process feeds it. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import type { Condition } from '../../../domain/campaigns/condition.ts';
import type { Source } from '../../../domain/campaigns/source-row.ts';
import { compileCondition } from '../../../programs/template/condition.ts';
import { openFile } from '../../../sources/open-file.ts';
import { SourceError } from '../../../sources/source-error.ts';

/**
 * Returns the function that opens a campaign's file. It and the rows throw a {@link SourceError} if the file
 * is gone or is not the one that the campaign was started with.
 */
export function makeCampaignFileOpener(idTypes: readonly string[]) {
  return async ({ source, encoding }: Pick<Campaign, 'source' | 'encoding'>): Promise<Source> => {
    if (source.kind !== 'file') throw new SourceError('Its customers came by webhook: there is no file.');
    const { path, fingerprint } = source;
    return openFile(path, { idTypes, fingerprint, ...(encoding !== undefined && { encoding }) });
  };
}

/**
 * Returns the function that compiles a campaign's condition. It throws a {@link SourceError} for a condition
 * that a newer version stored and this one cannot compile.
 */
export function makeConditionOpener(): (where: string) => Condition {
  return (where) => {
    const compiled = compileCondition(where);
    if (compiled.ok) return compiled.condition;
    throw new SourceError(`Its condition ${where} does not compile: ${compiled.problems.join('; ')}.`);
  };
}

/** Returns the message of an error that the source caused; undefined for any other error. */
export function sourceProblem(error: unknown): string | undefined {
  return error instanceof SourceError ? error.message : undefined;
}
