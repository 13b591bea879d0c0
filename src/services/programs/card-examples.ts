/** The example programs of the package, one per card type, each with an example export. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CardType, cardTypes, type Program } from '../../domain/jobs/program.ts';
import { loadPrograms } from '../../programs/file/programs.ts';
import { examplesFolder } from '../../kit/runtime/package-files.ts';

export interface CardExample {
  kind: CardType;
  /** Path of the programs file. */
  file: string;
  /** Path of the example export. */
  customers: string;
}

export const cardExamples: readonly CardExample[] = cardTypes.map((kind) => ({
  kind,
  file: join(examplesFolder, 'cards', `${kind}.yaml`),
  customers: join(examplesFolder, 'cards', `${kind}.csv`),
}));

/** Returns the example of a card type; undefined if there is no such type. */
export function exampleOf(kind: string): CardExample | undefined {
  return cardExamples.find((example) => example.kind === kind);
}

/** Returns the only program of an example, which is named like its card type. */
export function programOfExample({ kind, file }: CardExample): Program {
  const program = loadPrograms(file).get(kind);
  if (program === undefined) throw new Error(`${file} has no program ${kind}`);
  return program;
}

/** Returns the description and the notification text in the comments of an example. */
export function aboutExample({ file }: CardExample): { about: string; text: string } {
  const head = readFileSync(file, 'utf8');
  const about = /^# (An? .*)$/m.exec(head)?.[1];
  const text = /^# To notify: passbridge notify \S+ \S+ --text "([^"]*)"$/m.exec(head)?.[1];
  if (about === undefined || text === undefined)
    throw new Error(`${file} lacks a description or a notification text in its comments`);
  return { about, text };
}
