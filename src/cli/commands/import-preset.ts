/** `passbridge import-preset`: a webhook preset of Bloomreach becomes a program of the programs file. */

import { createReadStream, existsSync, readFileSync, realpathSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { schemaFrom } from '../../services/programs/examples.ts';
import { ConfigError } from '../../config/config-error.ts';
import { settings } from '../../config/environment.ts';
import { readVariables } from '../../config/load.ts';
import { importPreset as importText } from '../../programs/preset/import-preset.ts';
import { MOST_BYTES, readPastedText } from '../../programs/preset/pasted-text.ts';
import type { VoucherSource } from '../../programs/preset/voucher.ts';
import type { CardType } from '../../domain/jobs/program.ts';
import type { ExitCode } from '../exit-code.ts';
import { say } from '../output/terminal.ts';

export interface ImportFlags {
  name?: string;
  card?: CardType;
  out?: string;
  templateId?: string;
  voucher?: ReadonlyMap<string, VoucherSource>;
  keepText?: boolean;
  force?: boolean;
  dryRun?: boolean;
}

/** Imports what is pasted in a file, or in the standard input where `file` is `-`. */
export async function importPreset(file: string, flags: ImportFlags): Promise<ExitCode> {
  const subject = file === '-' ? 'The standard input' : file;
  const read = readPastedText(await readAll(file, subject));
  if (!read.ok) throw new ConfigError(subject, [read.problem]);

  const out = resolve(flags.out ?? programsFile());
  const imported = importText(subject, {
    text: read.text,
    name: flags.name,
    card: flags.card,
    templateId: flags.templateId,
    vouchers: flags.voucher ?? new Map(),
    keepText: flags.keepText === true,
    force: flags.force === true,
    programs: {
      file: basename(out),
      folder: dirname(out),
      text: existsSync(out) ? readFileSync(out, 'utf8') : undefined,
    },
  });
  // Editors complete and check what begins like this; a file that is there keeps what it has.
  const head = existsSync(out) ? '' : `# yaml-language-server: $schema=${schemaFrom(dirname(out))}\n`;
  if (flags.dryRun === true) {
    say(head + imported.excerpt.trimEnd());
    for (const note of imported.notes) process.stderr.write(`${note}\n`);
    return 0;
  }
  await replaceFile(out, head + imported.text);
  say(`${flags.out ?? out}: program ${imported.name} with ${imported.sections.join(', ')}.`);
  if (imported.notes.length > 0) say(`\nWhat else ${subject} says:\n${imported.notes.join('\n')}`);
  return 0;
}

function programsFile(): string {
  const variables = readVariables({ env: process.env, cwd: process.cwd() });
  return variables['PROGRAMS_FILE'] ?? settings.PROGRAMS_FILE.fallback ?? 'programs.yaml';
}

/** One byte more than is taken, at most. */
async function readAll(file: string, subject: string): Promise<Buffer> {
  const source: Readable = file === '-' ? process.stdin : createReadStream(file, { end: MOST_BYTES });
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_BYTES) break;
    }
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigError(subject, [why === 'ENOENT' ? 'does not exist' : `cannot be read (${why})`]);
  }
  return Buffer.concat(chunks);
}

/** As a whole or not at all. */
async function replaceFile(named: string, text: string): Promise<void> {
  // A link stays one.
  const file = existsSync(named) ? realpathSync(named) : named;
  const part = `${file}.part`;
  try {
    await writeFile(part, text);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable';
    throw new ConfigError('The programs file', [`${file} cannot be written (${why})`]);
  }
}
