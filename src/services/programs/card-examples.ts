/** The ready programs that come along, one for each kind of card, each with an example export. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPrograms } from '../../programs/file/programs.ts';
import { examples } from './examples.ts';
import { type CardType, cardTypes, type Program } from '../../domain/jobs/program.ts';

export interface CardExample {
  kind: CardType;
  /** Path of the programs file. */
  file: string;
  /** Path of the example export. */
  customers: string;
}

export const cardExamples: readonly CardExample[] = cardTypes.map((kind) => ({
  kind,
  file: join(examples, 'cards', `${kind}.yaml`),
  customers: join(examples, 'cards', `${kind}.csv`),
}));

/** The example of a kind; undefined for what is no kind. */
export function exampleOf(kind: string): CardExample | undefined {
  return cardExamples.find((example) => example.kind === kind);
}

/** The one program of an example, which has the name of its kind. */
export function programOfExample({ kind, file }: CardExample): Program {
  const program = loadPrograms(file).get(kind);
  if (program === undefined) throw new Error(`${file} has no program ${kind}`);
  return program;
}

/** What it says of itself: what the card is for, and a text that rings. */
export function aboutExample({ file }: CardExample): { about: string; text: string } {
  const head = readFileSync(file, 'utf8');
  const about = /^# (An? .*)$/m.exec(head)?.[1];
  const text = /^# To ring: .* --text "(.*)"$/m.exec(head)?.[1];
  if (about === undefined || text === undefined) throw new Error(`${file} does not say what it is for`);
  return { about, text };
}
