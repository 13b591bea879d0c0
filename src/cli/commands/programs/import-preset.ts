/** `passbridge import-preset`: imports a Bloomreach webhook preset as a program of the programs file. */

import { createReadStream, existsSync, realpathSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../../../config/config-error.ts';
import { type CardType, cardTypes } from '../../../domain/jobs/program.ts';
import { problemOf } from '../../../kit/runtime/system-error.ts';
import { parseVoucher, type VoucherSource } from '../../../programs/preset/voucher.ts';
import { commandIo } from '../../command-io.ts';
import { type DeclareCommand, environment, type ExitCode } from '../../command.ts';
import { complain, print, say } from '../../output/terminal.ts';

interface ImportFlags {
  name?: string;
  card?: CardType;
  out?: string;
  templateId?: string;
  voucher?: ReadonlyMap<string, VoucherSource>;
  keepText?: boolean;
  force?: boolean;
  dryRun?: boolean;
}

export const declareImportPreset: DeclareCommand = (program, ended) => {
  program
    .command('import-preset')
    .description('import a webhook preset copied from Bloomreach, or its JSON, as a program')
    .argument('<file>', 'file with the copied text, in any order; -: stdin')
    .option('--name <name>', 'name of the program; by default its card type')
    .addOption(new Option('--card <type>', 'card type; by default loyalty').choices([...cardTypes]))
    .option('--out <file>', 'programs file to create or extend; by default PROGRAMS_FILE')
    .option('--template-id <id>', 'id of the card template at Passmachine, instead of the one in the preset')
    .option(
      '--voucher <variable=kind...>',
      'source of a code on the card: kpDiscountCode=attribute:NAME, =file:codes.txt or =constant',
      addVoucher,
    )
    .option('--keep-text', 'keep NOTIFICATION in a notification instead of {{ text }}')
    .option('--force', 'overwrite existing sections of the program')
    .option('--dry-run', 'print the program instead of writing it')
    .action(async (file: string, flags: ImportFlags) => ended(await importPreset(file, flags)));
};

function addVoucher(text: string, before?: ReadonlyMap<string, VoucherSource>): Map<string, VoucherSource> {
  const voucher = parseVoucher(text);
  if (!voucher.ok) throw new InvalidArgumentError(voucher.problem);
  return new Map(before).set(voucher.variable, voucher.source);
}

async function importPreset(file: string, flags: ImportFlags): Promise<ExitCode> {
  const preset = await import('../../../programs/preset/import-preset.ts');
  const { readProgramsFile } = await import('../../../programs/file/programs.ts');
  const { schemaFrom } = await import('../../../kit/runtime/package-files.ts');
  const subject = file === '-' ? 'The standard input' : file;
  const pasted = await readPreset(file, subject);
  const out = resolve(flags.out ?? (await programsFilePath()));
  const current = existsSync(out) ? readProgramsFile(out) : undefined;
  const imported = preset.importPreset(subject, {
    text: pasted,
    name: flags.name,
    card: flags.card,
    templateId: flags.templateId,
    vouchers: flags.voucher ?? new Map(),
    keepText: flags.keepText === true,
    force: flags.force === true,
    programs: { file: basename(out), folder: dirname(out), text: current },
  });
  // Gives editors completion and validation; an existing file is left as it starts.
  const head = current === undefined ? `# yaml-language-server: $schema=${schemaFrom(dirname(out))}\n` : '';
  if (flags.dryRun === true) {
    print(`${head + imported.excerpt.trimEnd()}\n`);
    for (const note of imported.notes) complain(note);
    return 0;
  }
  await replaceFile(out, head + imported.text);
  say(`${flags.out ?? out}: program ${imported.name} with ${imported.sections.join(', ')}.`);
  if (imported.notes.length > 0) say(`\nNotes on ${subject}:\n${imported.notes.join('\n')}`);
  say(`\n${nextSteps(imported.name)}`);
  return 0;
}

function nextSteps(program: string): string {
  return [
    'Next:',
    '  1. Export a segment to export.csv and preview it; nothing is sent:',
    `       passbridge issue ${program} export.csv --dry-run`,
    '  2. Compare the templates with its columns: passbridge doctor --file export.csv',
  ].join('\n');
}

/** Returns the pasted text. Throws a {@link ConfigError}; `subject` is the file in its message. */
export async function readPreset(file: string, subject: string): Promise<string> {
  const { decodePastedText } = await import('../../../programs/preset/pasted-text.ts');
  const pasted = decodePastedText(await readInput(file, subject));
  if (!pasted.ok) throw new ConfigError(subject, [pasted.problem]);
  return pasted.text;
}

/** Returns PROGRAMS_FILE without validating the other settings, which a first import need not have. */
async function programsFilePath(): Promise<string> {
  const { settings } = await import('../../../config/environment.ts');
  const { readVariables } = await import('../../../config/load.ts');
  return (
    readVariables(environment())['PROGRAMS_FILE'] ?? settings.PROGRAMS_FILE.defaultText ?? 'programs.yaml'
  );
}

/** Reads at most one byte more than is accepted, so that larger input is recognized. */
async function readInput(file: string, subject: string): Promise<Buffer> {
  const { MAX_BYTES } = await import('../../../programs/preset/pasted-text.ts');
  const source = file === '-' ? commandIo().stdin : createReadStream(file, { end: MAX_BYTES });
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_BYTES) break;
    }
  } catch (error) {
    throw new ConfigError(subject, [`cannot be read: ${problemOf(error, subject)}`]);
  }
  return Buffer.concat(chunks);
}

/** Replaces the target of a symbolic link, not the link. */
async function replaceFile(path: string, text: string): Promise<void> {
  const { writeFileAtomically } = await import('../../../kit/files.ts');
  const target = existsSync(path) ? realpathSync(path) : path;
  try {
    await writeFileAtomically(target, text);
  } catch (error) {
    throw new ConfigError('The programs file', [`${target} cannot be written: ${problemOf(error)}`]);
  }
}
