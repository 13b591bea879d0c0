/** `passbridge resolve`: ends unknown creates by what an operator found at Passmachine, one or a whole CSV. */

import { readFile } from 'node:fs/promises';
import { systemClock } from '../../kit/clock.ts';
import {
  NO_CARD,
  type Resolution,
  type ResolutionReport,
  type ResolutionResult,
} from '../../domain/failures/resolution.ts';
import { problemOf } from '../../kit/runtime/system-error.ts';
import { UserError } from '../../kit/user-error.ts';
import { type DeclareCommand, type ExitCode, localAction, withPassbridge } from '../command.ts';
import { say } from '../output/terminal.ts';

interface ResolveFlags {
  job?: string;
  customer?: string;
  card?: string;
  createAgain?: true;
  dryRun?: true;
  json?: true;
  reason?: string;
}

export const declareResolve: DeclareCommand = (program, ended) => {
  program
    .command('resolve')
    .description(
      'end unknown creates: give the id of the card that Passmachine has, or create the card again',
    )
    .argument('[file]', `CSV with pass_id, and job or customer; pass_id ${NO_CARD}: create the card again`)
    .option('--job <id>', 'the job, as `passbridge failures --csv` lists it')
    .option('--customer <id>', 'the customer, e.g. c-17 or registered:c-17')
    .option('--card <id>', 'the id of the card that Passmachine has')
    .option(
      '--create-again',
      'create cards again that Passmachine does not have: each could make a second one',
    )
    .option('--dry-run', 'check everything and change nothing')
    .option('--json', 'print JSON')
    .option('--reason <text>', 'recorded in the audit')
    .action(async (file: string | undefined, flags: ResolveFlags) => ended(await resolve(file, flags)));
};

async function resolve(file: string | undefined, flags: ResolveFlags): Promise<ExitCode> {
  const resolutions = file === undefined ? [single(flags)] : await fromFile(file, flags);
  const { resolveUnknowns } = await import('../../services/failures/resolve-unknowns.ts');
  const { makeFindProgram } = await import('../../services/programs/find-program.ts');
  return withPassbridge(['programs'], async ({ stores, file: programs }) => {
    const findProgram = makeFindProgram(programs, stores);
    const options = { createAgain: flags.createAgain === true, dryRun: flags.dryRun === true };
    const context = { ...localAction(flags.reason), now: systemClock() };
    const report = await resolveUnknowns({ stores, findProgram }, resolutions, options, context);
    say(flags.json === true ? JSON.stringify(report) : describe(report));
    return report.refused === 0 ? 0 : 1;
  });
}

/** The statement that the flags make. Throws a {@link UserError}. */
function single({ job, customer, card, createAgain }: ResolveFlags): Resolution {
  if ((job === undefined && customer === undefined) || (card === undefined) === (createAgain === undefined)) {
    throw new UserError(
      'INVALID_REQUEST',
      'Give a CSV; or --job or --customer, and either --card or --create-again.',
    );
  }
  return { line: 1, job, customer, passId: card ?? NO_CARD };
}

async function fromFile(file: string, { job, customer, card }: ResolveFlags): Promise<Resolution[]> {
  if (job !== undefined || customer !== undefined || card !== undefined) {
    throw new UserError('INVALID_REQUEST', 'Give either a CSV, or --job, --customer and --card.');
  }
  const { decodeText } = await import('../../kit/text/decode-text.ts');
  const { parseResolutions } = await import('../../services/failures/resolution-csv.ts');
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new UserError('INVALID_REQUEST', `${file} cannot be read: ${problemOf(error)}`);
  });
  const decoded = decodeText(bytes);
  if (!decoded.ok) {
    throw new UserError('INVALID_REQUEST', `${file} line ${decoded.line}: ${decoded.problem}`);
  }
  return parseResolutions(decoded.text, file);
}

function describe({ results, done, createdAgain, refused, dryRun }: ResolutionReport): string {
  const counts = [
    [done, dryRun ? 'would end done with their card' : 'are done with their card, which is written back'],
    [createdAgain, dryRun ? 'would be created again' : 'are created again by `passbridge up`'],
    [refused, 'were refused; nothing changed for them'],
  ] as const;
  return [
    ...results.filter(({ ok }) => !ok).map(describeRefused),
    ...counts.filter(([count]) => count > 0).map(([count, text]) => `${String(count).padStart(9)}  ${text}`),
  ].join('\n');
}

function describeRefused(result: ResolutionResult): string {
  return result.ok ? '' : `line ${result.line}: ${result.reason} (${result.refusal})`;
}
