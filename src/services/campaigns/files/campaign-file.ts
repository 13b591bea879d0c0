/** The file behind a campaign and the condition for its rows, as whichever process feeds it needs them. */

import { makeConditionCompiler } from '../../../programs/template/condition.ts';
import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import type { Condition } from '../../../domain/campaigns/condition.ts';
import type { Source } from '../../../domain/campaigns/source-row.ts';
import { openFile } from '../../../sources/open-file.ts';
import { SourceError } from '../../../sources/source-error.ts';

/**
 * Makes the function that opens a campaign's file. It and the rows throw a {@link SourceError} as
 * soon as the file is gone or is another one than the campaign was started with.
 */
export function makeCampaignFileOpener(idTypes: readonly string[]) {
  return async ({ source }: Pick<Campaign, 'source'>): Promise<Source> => {
    if (source.kind !== 'file') throw new SourceError('Its customers came by webhook: there is no file.');
    const { path, fingerprint } = source;
    return openFile(path, { idTypes, fingerprint });
  };
}

/** Makes the function that compiles a campaign's condition. A condition of another version may not compile: then it throws a {@link SourceError}. */
export function makeConditionOpener(): (where: string) => Condition {
  const compile = makeConditionCompiler();
  return (where) => {
    const compiled = compile(where);
    if (compiled.ok) return compiled.condition;
    throw new SourceError(`Its condition ${where} cannot be read: ${compiled.problems.join('; ')}.`);
  };
}

/** What an error says about the source; undefined where it is not the source's fault. */
export function faultOfSource(error: unknown): string | undefined {
  return error instanceof SourceError ? error.message : undefined;
}
