/** Declares `passbridge import-preset`. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { readVoucher, type VoucherSource } from '../../programs/preset/voucher.ts';
import { cardTypes } from '../../domain/jobs/program.ts';
import type { ExitCode } from '../exit-code.ts';
import type { ImportFlags } from './import-preset.ts';

/** Adds the command; `ended` takes its exit code. */
export function declarePresetCommands(program: Command, ended: (code: ExitCode) => void): void {
  program
    .command('import-preset')
    .description('make a program of a webhook preset that was copied out of Bloomreach, or of its JSON alone')
    .argument('<file>', 'what was copied, in any order; - for the standard input')
    .option('--name <name>', 'of the program; by default its kind of card')
    .addOption(new Option('--card <kind>', 'the kind of card; by default loyalty').choices([...cardTypes]))
    .option('--out <file>', 'the programs file, new or not; by default PROGRAMS_FILE')
    .option('--template-id <id>', "Passmachine's id of the card template, in place of the one there")
    .option(
      '--voucher <variable=kind...>',
      'where a code on the card comes from: kpDiscountCode=attribute:NAME, =file:codes.txt or =constant',
      vouchers,
    )
    .option('--keep-text', 'leave NOTIFICATION in a notification instead of {{ text }}')
    .option('--force', 'replace the sections that the program has')
    .option('--dry-run', 'print the program instead of writing it')
    .action(async (file: string, flags: ImportFlags) => {
      const { importPreset } = await import('./import-preset.ts');
      ended(await importPreset(file, flags));
    });
}

function vouchers(text: string, before?: ReadonlyMap<string, VoucherSource>): Map<string, VoucherSource> {
  const voucher = readVoucher(text);
  if (!voucher.ok) throw new InvalidArgumentError(voucher.problem);
  return new Map(before).set(voucher.variable, voucher.source);
}
